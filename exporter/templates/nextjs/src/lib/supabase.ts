import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types";
import { site } from "./site";

const url = process.env.NEXT_PUBLIC_SUPABASE_URL;
const anonKey = process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY;

export const isConfigured = Boolean(url && anonKey);

export const supabase = createClient<Database>(
  url || "http://127.0.0.1:54321",
  anonKey || "not-configured",
  { auth: { storageKey: site.storageKey } },
);
