"use client";

import Link from "next/link";
import { useParams, useRouter } from "next/navigation";
import { AlertDialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import {
  useFormState,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";
import { toast } from "sonner";
import { Button } from "@/components/ui/controls";
import { describeError, isUuid, useLoad } from "@/lib/records";
import { EMPTY } from "@/lib/utils";

interface RecordLoaderProps<Row> {
  load: (id: string) => Promise<Row | null>;
  children: (record: Row) => ReactNode;
}

/** Loads the record that the address names and shows it. */
export function RecordLoader<Row>({ load, children }: RecordLoaderProps<Row>) {
  const { id } = useParams<{ id: string }>();
  const { result, reload } = useLoad(id, async () =>
    isUuid(id) ? load(id) : null,
  );

  if (result.status === "loading") return <p role="status">Loading…</p>;
  if (result.status === "failed") {
    return (
      <div role="alert" className="space-y-3">
        <p>{result.message}</p>
        <Button variant="outline" onClick={reload}>
          Try again
        </Button>
      </div>
    );
  }
  if (result.data === null) {
    return <p>This record does not exist, or you may not see it.</p>;
  }
  return children(result.data);
}

interface RecordDetailProps {
  title: ReactNode;
  path: string;
  id: string;
  remove: (id: string) => Promise<void>;
  children: ReactNode;
}

export function RecordDetail(props: RecordDetailProps) {
  return (
    <article className="space-y-6">
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-2xl font-semibold break-words">{props.title}</h1>
        <div className="flex gap-2">
          <Button asChild variant="outline">
            <Link href={`${props.path}/${props.id}/edit`}>Edit</Link>
          </Button>
          <DeleteButton {...props} />
        </div>
      </header>
      <dl className="grid gap-x-6 gap-y-4 rounded-lg border bg-card p-5 sm:grid-cols-2">
        {props.children}
      </dl>
    </article>
  );
}

export function Detail({
  label,
  children,
}: {
  label: string;
  children: ReactNode;
}) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted-foreground">{label}</dt>
      <dd className="break-words whitespace-pre-line">{children}</dd>
    </div>
  );
}

interface RelatedLinkProps<Row> {
  path: string;
  record: Row | null;
  label: (record: Row) => string;
}

/** A link to the record that a relation points to. */
export function RelatedLink<Row extends { id: string }>({
  path,
  record,
  label,
}: RelatedLinkProps<Row>) {
  if (!record) return EMPTY;
  return (
    <Link href={`${path}/${record.id}`} className="underline">
      {label(record)}
    </Link>
  );
}

interface RelatedLinksProps<Row> {
  path: string;
  records: readonly Row[];
  label: (record: Row) => string;
}

/** Links to the records that a relation to many points to. */
export function RelatedLinks<Row extends { id: string }>({
  path,
  records,
  label,
}: RelatedLinksProps<Row>) {
  if (!records.length) return EMPTY;
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1">
      {records.map((record) => (
        <RelatedLink
          key={record.id}
          path={path}
          record={record}
          label={label}
        />
      ))}
    </span>
  );
}

interface ValueLinkProps {
  scheme?: "mailto:" | "tel:";
  value: string | null;
}

/** A web address, an email address or a phone number to follow. */
export function ValueLink({ scheme, value }: ValueLinkProps) {
  if (!value) return EMPTY;
  if (!scheme && !/^https?:\/\//i.test(value)) return value;
  return (
    <a href={`${scheme ?? ""}${value}`} rel="noreferrer" className="underline">
      {value}
    </a>
  );
}

function DeleteButton({ path, id, remove }: RecordDetailProps) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);

  async function confirm() {
    setBusy(true);
    try {
      await remove(id);
      toast.success("Deleted.");
      router.push(path);
    } catch (error) {
      toast.error(describeError(error));
      setBusy(false);
    }
  }

  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <Button variant="destructive" disabled={busy}>
          Delete
        </Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 bg-black/50" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 w-[calc(100%-2rem)] max-w-md -translate-1/2 space-y-4 rounded-lg border bg-card p-6 shadow-lg">
          <AlertDialog.Title className="text-lg font-semibold">
            Delete this record?
          </AlertDialog.Title>
          <AlertDialog.Description className="text-muted-foreground">
            It cannot be brought back.
          </AlertDialog.Description>
          <div className="flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button variant="outline">Cancel</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button variant="destructive" onClick={confirm}>
                Delete
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

interface FormFrameProps<Values extends FieldValues, Output> {
  /** What one record is called. */
  noun: string;
  isNew: boolean;
  path: string;
  form: UseFormReturn<Values, unknown, Output>;
  /** Stores the values and returns the id of the record. */
  save: (values: Output) => Promise<string>;
  children: ReactNode;
}

/** The frame of a create or edit page. */
export function FormFrame<Values extends FieldValues, Output>({
  noun,
  isNew,
  path,
  form,
  save,
  children,
}: FormFrameProps<Values, Output>) {
  const router = useRouter();
  const { isSubmitting } = useFormState({ control: form.control });

  const submit = form.handleSubmit(async (values) => {
    try {
      const id = await save(values);
      toast.success("Saved.");
      router.push(`${path}/${id}`);
    } catch (error) {
      toast.error(describeError(error));
    }
  });

  return (
    <form onSubmit={submit} noValidate className="max-w-2xl space-y-5">
      <h1 className="text-2xl font-semibold">
        {isNew ? "New" : "Edit"} {noun}
      </h1>
      {children}
      <div className="flex gap-2">
        <Button type="submit" disabled={isSubmitting}>
          Save
        </Button>
        <Button type="button" variant="outline" onClick={() => router.back()}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
