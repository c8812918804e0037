"use client";

import type { PostgrestError } from "@supabase/supabase-js";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useEffectEvent, useState } from "react";

export const PAGE_SIZE = 25;

/** How many records a picker offers at once. */
export const CHOICES = 20;

export interface Option {
  value: string;
  label: string;
  color?: string;
}

export interface ListQuery {
  page: number;
  search: string;
  sort: string;
  ascending: boolean;
  filters: [column: string, value: string][];
}

export interface Page<Row> {
  rows: Row[];
  count: number;
}

/** What a function that loads one record finds. */
export type RowOf<Load extends (id: string) => Promise<unknown>> = NonNullable<
  Awaited<ReturnType<Load>>
>;

interface ListSettings {
  defaultSort: string;
  sortable: string[];
  filterable: string[];
}

/** The state of a list. It lives in the address, so that it can be shared. */
export function useListQuery(settings: ListSettings) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();

  const asked = params.get("sort") ?? settings.defaultSort;
  const column = asked.replace(/^-/, "");
  const known = settings.sortable.includes(column);
  const sort = known ? asked : settings.defaultSort;
  const query: ListQuery = {
    page: Math.max(1, Math.trunc(Number(params.get("page"))) || 1),
    search: params.get("search")?.trim() ?? "",
    sort: sort.replace(/^-/, ""),
    ascending: !sort.startsWith("-"),
    filters: settings.filterable.flatMap((name): [string, string][] => {
      const value = params.get(`filter.${name}`);
      return value ? [[name, value]] : [];
    }),
  };

  function update(changes: Record<string, string | null>) {
    const next = new URLSearchParams(params);
    if (!("page" in changes)) next.delete("page");
    for (const [key, value] of Object.entries(changes)) {
      if (value) next.set(key, value);
      else next.delete(key);
    }
    router.replace(`${pathname}?${next}`, { scroll: false });
  }

  return { query, update };
}

type Loaded<Data> =
  | { status: "loading" }
  | { status: "done"; data: Data }
  | { status: "failed"; message: string };

/** Loads data again whenever `key` changes, and drops answers that come late. */
export function useLoad<Data>(key: string, load: () => Promise<Data>) {
  const [attempt, setAttempt] = useState(0);
  const request = `${attempt}:${key}`;
  const [answer, setAnswer] = useState<{
    request: string;
    result: Loaded<Data>;
  }>();
  const start = useEffectEvent(load);

  useEffect(() => {
    let current = true;
    const settle = (result: Loaded<Data>) => {
      if (current) setAnswer({ request, result });
    };
    start().then(
      (data) => settle({ status: "done", data }),
      (error: unknown) =>
        settle({ status: "failed", message: describeError(error) }),
    );
    return () => {
      current = false;
    };
  }, [request]);

  const result: Loaded<Data> =
    answer?.request === request ? answer.result : { status: "loading" };
  return { result, reload: () => setAttempt((count) => count + 1) };
}

interface Answer<Data> {
  data: Data | null;
  error: PostgrestError | null;
}

export function unwrap<Data>({ data, error }: Answer<Data>): Data {
  if (error) throw error;
  if (data === null) throw new Error("The server sent no data.");
  return data;
}

export function toPage<Row>(
  answer: Answer<Row[]> & { count: number | null },
): Page<Row> {
  const rows = unwrap(answer);
  return { rows, count: answer.count ?? rows.length };
}

/** First and last row of a page, as Supabase's `range` takes them. */
export function rangeOf(page: number): [from: number, to: number] {
  return [(page - 1) * PAGE_SIZE, page * PAGE_SIZE - 1];
}

/** A filter for `or()`: one of the columns contains the term. */
export function contains(columns: readonly string[], term: string) {
  const pattern = term.replace(/[\\%_]/g, "\\$&").replaceAll("*", "_");
  const quoted = `"%${pattern.replace(/[\\"]/g, "\\$&")}%"`;
  return columns.map((column) => `${column}.ilike.${quoted}`).join(",");
}

export function isUuid(value: string) {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
}

const MESSAGES: Record<string, string> = {
  "23503": "It is linked to other records, or links to one that is gone.",
  PGRST116: "This record is gone, or you may not change it.",
  "23505": "Another record already has this value.",
  "23514": "A value is outside the range that is allowed.",
  "42501": "You may not change this record.",
};

export function describeError(error: unknown) {
  if (typeof error !== "object" || error === null) return String(error);
  const code = "code" in error ? String(error.code) : "";
  const message = "message" in error ? String(error.message) : "";
  return MESSAGES[code] ?? (message || "Something went wrong. Try again.");
}
