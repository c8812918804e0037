-- Remove the rights on invoices
revoke all on "p_golden"."invoices" from "p_golden_user", "p_golden_admin";

-- Remove the index of invoices for searches
drop index "p_golden"."ix_t_invoices__words";

-- Free the name of the table invoices
alter table "p_golden"."invoices" rename to "_t_t_invoices";

-- Call the table invoices bills
alter table "p_golden"."_t_t_invoices" rename to "bills";

-- Free the name of the column number of bills
alter table "p_golden"."bills" rename column "number" to "_c_c_number";

-- Call the column number of bills code
alter table "p_golden"."bills" rename column "_c_c_number" to "code";

-- Add the column paid_on to bills
alter table "p_golden"."bills" add column "paid_on" date;

-- Let bills.code start with 5000
alter table "p_golden"."bills" alter column "code" set start with 5000;

-- Count on from there, or from the largest number that was given
select setval('"p_golden"."sq_t_invoices_c_number"', case when is_called then greatest(5000 - 1, last_value) else 5000 end, is_called)
from "p_golden"."sq_t_invoices_c_number";

-- Add the limits of bills.paid_on
alter table "p_golden"."bills" add constraint "ck_t_invoices_c_paid_on" check (("paid_on" between '0001-01-01'::date and '9999-12-31'::date));

-- Add the index of bills for searches
create index "ix_t_invoices__words" on "p_golden"."bills" using gin (to_tsvector('simple', translate(left(coalesce('B-' || lpad("code"::text, greatest(6, length("code"::text)), '0') || ' ' || "code"::text, '') || ' ' || coalesce("title", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on bills
grant select, insert ("id", "user_id", "created_at", "updated_at", "title", "paid_on"), update ("id", "user_id", "created_at", "updated_at", "title", "paid_on"), delete on "p_golden"."bills" to "p_golden_user", "p_golden_admin";
