"use client";

import Link from "next/link";
import { useLoad } from "@/lib/records";
import { site } from "@/lib/site";
import { supabase } from "@/lib/supabase";

type Section = (typeof site.sections)[number];

export default function DashboardPage() {
  return (
    <section className="space-y-6">
      <h1 className="text-2xl font-semibold">Dashboard</h1>
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {site.sections.map((section) => (
          <li key={section.href}>
            <SectionCard section={section} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SectionCard({ section }: { section: Section }) {
  const { result } = useLoad(section.table, () => countRecords(section.table));
  const Icon = section.icon;
  return (
    <Link
      href={section.href}
      className="flex items-center gap-4 rounded-lg border bg-card p-5 hover:border-primary"
    >
      <Icon aria-hidden className="size-6 text-primary" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{section.label}</span>
        <span className="text-sm text-muted-foreground">
          {result.status === "loading" && "…"}
          {result.status === "failed" && result.message}
          {result.status === "done" && `${result.data} records`}
        </span>
      </span>
    </Link>
  );
}

async function countRecords(table: Section["table"]) {
  const { count, error } = await supabase
    .from(table)
    .select("id", { count: "exact", head: true });
  if (error) throw error;
  return count ?? 0;
}
