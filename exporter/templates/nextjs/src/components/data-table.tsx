"use client";

import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import Link from "next/link";
import type { FormEvent, ReactNode } from "react";
import { Button, Input, Select } from "@/components/ui/controls";
import {
  PAGE_SIZE,
  useListQuery,
  useLoad,
  type ListQuery,
  type Option,
  type Page,
} from "@/lib/records";

export interface Column<Row> {
  name: string;
  header: string;
  /** The column to order by; without it the header is not a button. */
  sort?: string;
  cell: (row: Row) => ReactNode;
}

export interface Filter {
  name: string;
  label: string;
  options: readonly Option[];
}

interface DataTableProps<Row> {
  title: string;
  path: string;
  columns: Column<Row>[];
  filters?: Filter[];
  defaultSort: string;
  searchable?: boolean;
  load: (query: ListQuery) => Promise<Page<Row>>;
}

export function DataTable<Row extends { id: string }>({
  title,
  path,
  columns,
  filters = [],
  defaultSort,
  searchable = false,
  load,
}: DataTableProps<Row>) {
  const { query, update } = useListQuery({
    defaultSort,
    sortable: columns.flatMap((column) => column.sort ?? []),
    filterable: filters.map((filter) => filter.name),
  });
  const { result, reload } = useLoad(JSON.stringify(query), () => load(query));

  return (
    <section className="space-y-4">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-semibold">{title}</h1>
        <Button asChild>
          <Link href={`${path}/new`}>
            <Plus aria-hidden />
            New
          </Link>
        </Button>
      </header>
      <div className="flex flex-wrap gap-2">
        {searchable && <SearchBox term={query.search} update={update} />}
        {filters.map((filter) => (
          <FilterSelect
            key={filter.name}
            filter={filter}
            value={query.filters.find(([name]) => name === filter.name)?.[1]}
            update={update}
          />
        ))}
      </div>
      {result.status === "loading" && <p role="status">Loading…</p>}
      {result.status === "failed" && (
        <div role="alert" className="space-y-3">
          <p>{result.message}</p>
          <Button variant="outline" onClick={reload}>
            Try again
          </Button>
        </div>
      )}
      {result.status === "done" && (
        <>
          <Rows
            path={path}
            columns={columns}
            rows={result.data.rows}
            query={query}
            update={update}
          />
          <Pagination
            page={query.page}
            count={result.data.count}
            update={update}
          />
        </>
      )}
    </section>
  );
}

type Update = ReturnType<typeof useListQuery>["update"];

function SearchBox({ term, update }: { term: string; update: Update }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get("search");
    update({ search: String(value ?? "").trim() });
  }

  return (
    <form role="search" onSubmit={submit} className="flex grow gap-2">
      <Input
        key={term}
        type="search"
        name="search"
        aria-label="Search"
        placeholder="Search"
        defaultValue={term}
        className="max-w-sm"
      />
      <Button type="submit" variant="outline">
        Search
      </Button>
    </form>
  );
}

interface FilterSelectProps {
  filter: Filter;
  value: string | undefined;
  update: Update;
}

function FilterSelect({ filter, value, update }: FilterSelectProps) {
  return (
    <Select
      aria-label={filter.label}
      className="w-auto max-w-56"
      value={value ?? ""}
      onChange={(event) =>
        update({ [`filter.${filter.name}`]: event.target.value })
      }
    >
      <option value="">{filter.label}: all</option>
      {filter.options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </Select>
  );
}

interface RowsProps<Row> {
  path: string;
  columns: Column<Row>[];
  rows: Row[];
  query: ListQuery;
  update: Update;
}

function Rows<Row extends { id: string }>({
  path,
  columns,
  rows,
  query,
  update,
}: RowsProps<Row>) {
  if (rows.length === 0) {
    return (
      <p className="rounded-lg border bg-card p-8 text-center text-muted-foreground">
        Nothing here yet.
      </p>
    );
  }
  return (
    <div
      role="region"
      aria-label="Records"
      tabIndex={0}
      className="overflow-x-auto rounded-lg border bg-card"
    >
      <table className="w-full text-left text-sm">
        <thead className="border-b bg-muted">
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.name}
                column={column}
                query={query}
                update={update}
              />
            ))}
          </tr>
        </thead>
        <tbody className="divide-y">
          {rows.map((row) => (
            <tr key={row.id} className="hover:bg-muted/50">
              {columns.map((column, index) => (
                <td key={column.name} className="max-w-72 truncate px-4 py-3">
                  {index === 0 ? (
                    <Link
                      href={`${path}/${row.id}`}
                      className="font-medium underline-offset-4 hover:underline"
                    >
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  query: ListQuery;
  update: Update;
}

function HeaderCell<Row>({ column, query, update }: HeaderCellProps<Row>) {
  const { header, sort } = column;
  if (!sort) {
    return (
      <th scope="col" className="px-4 py-3 font-medium whitespace-nowrap">
        {header}
      </th>
    );
  }
  const sorted = query.sort === sort;
  const Arrow = query.ascending ? ArrowUp : ArrowDown;
  const direction = query.ascending ? "ascending" : "descending";
  return (
    <th
      scope="col"
      aria-sort={sorted ? direction : "none"}
      className="px-4 py-3 font-medium whitespace-nowrap"
    >
      <button
        type="button"
        className="inline-flex items-center gap-1"
        onClick={() =>
          update({ sort: sorted && query.ascending ? `-${sort}` : sort })
        }
      >
        {header}
        {sorted && <Arrow aria-hidden className="size-4" />}
      </button>
    </th>
  );
}

interface PaginationProps {
  page: number;
  count: number;
  update: Update;
}

function Pagination({ page, count, update }: PaginationProps) {
  const last = Math.max(1, Math.ceil(count / PAGE_SIZE));
  return (
    <nav
      aria-label="Pages"
      className="flex items-center justify-between gap-3 text-sm"
    >
      <p>
        {count} in total, page {page} of {last}
      </p>
      <div className="flex gap-2">
        <Button
          variant="outline"
          size="sm"
          disabled={page <= 1}
          onClick={() => update({ page: String(page - 1) })}
        >
          Previous
        </Button>
        <Button
          variant="outline"
          size="sm"
          disabled={page >= last}
          onClick={() => update({ page: String(page + 1) })}
        >
          Next
        </Button>
      </div>
    </nav>
  );
}
