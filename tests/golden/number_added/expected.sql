-- Remove the rights on invoices
revoke all on "p_golden"."invoices" from "p_golden_user", "p_golden_admin";

-- Remove the index of invoices for searches
drop index "p_golden"."ix_t_invoices__words";

-- Find the order in which the rows of invoices came
create index "_age_t_invoices" on "p_golden"."invoices" (created_at, id);

-- Bring the rows of invoices into that order
cluster "p_golden"."invoices" using "_age_t_invoices";

-- Leave the rows of invoices in that order
drop index "p_golden"."_age_t_invoices";

-- Add the column number to invoices
alter table "p_golden"."invoices" add column "number" bigint constraint "nn_t_invoices_c_number" not null generated always as identity (sequence name "p_golden"."sq_t_invoices_c_number" start with 1000 minvalue 0);

-- Add the uniqueness of invoices by number
alter table "p_golden"."invoices" add constraint "uq_t_invoices_c_number" unique ("number");

-- Add the index of invoices for searches
create index "ix_t_invoices__words" on "p_golden"."invoices" using gin (to_tsvector('simple', translate(left(coalesce('INV-' || lpad("number"::text, greatest(4, length("number"::text)), '0') || ' ' || "number"::text, '') || ' ' || coalesce("title", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on invoices
grant select, insert ("id", "user_id", "created_at", "updated_at", "title"), update ("id", "user_id", "created_at", "updated_at", "title"), delete on "p_golden"."invoices" to "p_golden_user", "p_golden_admin";
