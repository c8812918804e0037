"use client";

import { X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import type { FieldValues } from "react-hook-form";
import {
  FieldLayout,
  useField,
  type FieldProps,
} from "@/components/form-fields";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { describeError, type Option } from "@/lib/records";
import { cn } from "@/lib/utils";

interface RelationFieldProps<
  Values extends FieldValues,
  Output,
  Row,
> extends FieldProps<Values, Output> {
  /** The record that is chosen now. */
  current: Row | null | undefined;
  describe: (record: Row) => string;
  search: (term: string) => Promise<Option[]>;
}

/** Chooses one record of another table from those that match what is typed. */
export function RelationField<Values extends FieldValues, Output, Row>(
  props: RelationFieldProps<Values, Output, Row>,
) {
  const { id, field, aria, ...layout } = useField(props);
  const listId = useId();
  const { current, describe } = props;
  const [label, setLabel] = useState(current ? describe(current) : "");
  const [term, setTerm] = useState<string>();
  const [active, setActive] = useState(0);
  const { options, message } = useOptions(term, props.search);
  const open = term !== undefined;

  function choose(option: Option | undefined) {
    field.onChange(option?.value ?? "");
    setLabel(option?.label ?? "");
    setTerm(undefined);
  }

  function handleKey(event: React.KeyboardEvent) {
    if (event.key === "Escape") setTerm(undefined);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return setTerm("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      const last = options.length - 1;
      setActive(Math.min(Math.max(active + step, 0), Math.max(last, 0)));
    }
    if (event.key === "Enter" && open) {
      event.preventDefault();
      if (options[active]) choose(options[active]);
    }
  }

  return (
    <FieldLayout {...props} {...layout} id={id}>
      <div className="relative flex gap-2">
        <Input
          {...aria}
          id={id}
          ref={field.ref}
          role="combobox"
          aria-expanded={open}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={
            open && options[active] ? `${listId}-${active}` : undefined
          }
          autoComplete="off"
          placeholder="Type to search"
          value={term ?? label}
          onFocus={() => setTerm("")}
          onBlur={() => {
            setTerm(undefined);
            field.onBlur();
          }}
          onChange={(event) => {
            setTerm(event.target.value);
            setActive(0);
          }}
          onKeyDown={handleKey}
        />
        {field.value && (
          <Button
            type="button"
            variant="outline"
            size="icon"
            aria-label={`Clear ${props.label}`}
            onClick={() => choose(undefined)}
          >
            <X />
          </Button>
        )}
        {open && (
          <ul
            id={listId}
            role="listbox"
            aria-label={props.label}
            className="absolute top-11 z-10 max-h-64 w-full overflow-auto rounded-md border bg-card p-1 text-sm shadow-lg"
          >
            {options.map((option, index) => (
              <li
                key={option.value}
                id={`${listId}-${index}`}
                role="option"
                aria-selected={option.value === field.value}
                onMouseDown={(event) => {
                  event.preventDefault();
                  choose(option);
                }}
                className={cn(
                  "cursor-pointer rounded px-2 py-1.5",
                  index === active && "bg-muted",
                )}
              >
                {option.label}
              </li>
            ))}
            {message && (
              <li role="presentation" className="px-2 py-1.5">
                {message}
              </li>
            )}
          </ul>
        )}
      </div>
    </FieldLayout>
  );
}

const PAUSE_MS = 200;

/** Options for a term, asked for when typing pauses. */
function useOptions(
  term: string | undefined,
  search: (term: string) => Promise<Option[]>,
) {
  const [options, setOptions] = useState<Option[]>([]);
  const [message, setMessage] = useState("Searching…");
  const latest = useRef(0);

  useEffect(() => {
    if (term === undefined) return;
    const request = ++latest.current;
    const timer = setTimeout(async () => {
      try {
        const found = await search(term);
        if (request !== latest.current) return;
        setOptions(found);
        setMessage(found.length ? "" : "Nothing found.");
      } catch (error) {
        setMessage(describeError(error));
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [term, search]);

  return { options, message };
}
