-- Remove the trash of offers (edited)
drop trigger "trash_edited" on "p_golden"."offers";

-- Remove the trash of offers (deleted)
drop trigger "trash_deleted" on "p_golden"."offers";

-- Remove the rights on offers
revoke all on "p_golden"."offers" from "p_golden_user", "p_golden_admin";

-- Remove the index of offers for searches
drop index "p_golden"."ix_t_offers__words";

-- Remove the index of offers by created_at, id
drop index "p_golden"."ix_t_offers_03e2172ca88c8fb8";

-- Remove the index of offers by user_id, created_at
drop index "p_golden"."ix_t_offers_8681c2576a119291";

-- Remove the uniqueness of offers by number
alter table "p_golden"."offers" drop constraint "uq_t_offers_c_number";

-- Remove the rights on invoices
revoke all on "p_golden"."invoices" from "p_golden_user", "p_golden_admin";

-- Remove the index of invoices for searches
drop index "p_golden"."ix_t_invoices__words";

-- Remove the uniqueness of invoices by number
alter table "p_golden"."invoices" drop constraint "uq_t_invoices_c_number";

-- Free the names of the numbering of invoices.number
alter sequence "p_golden"."sq_t_invoices_c_number" rename to "_x_2_sq_f425f6f51cb92116";

-- Free the names of the numbering of invoices.number
alter table "p_golden"."invoices" rename constraint "nn_t_invoices_c_number" to "_x_2_nn_f425f6f51cb92116";

-- Hide the column number of invoices in the archive
alter table "p_golden"."invoices" rename column "number" to "_x_2_c_number";

-- Stop telling which rows of offers are visible
drop function "p_golden"."_sees_t_offers"(uuid);

-- Free the name of the key of offers
alter table "p_golden"."offers" rename constraint "pk_t_offers" to "_x_2_pk_t_offers";

-- Free the name of the numbering of offers.number
alter sequence "p_golden"."sq_t_offers_c_number" rename to "_x_2_sq_caf4eea2810a65f7";

-- Hide the table offers in the archive
alter table "p_golden"."offers" rename to "_x_2_t_offers";

-- Add the index of invoices for searches
create index "ix_t_invoices__words" on "p_golden"."invoices" using gin (to_tsvector('simple', translate(left(coalesce("title", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on invoices
grant select, insert, update, delete on "p_golden"."invoices" to "p_golden_user", "p_golden_admin";
