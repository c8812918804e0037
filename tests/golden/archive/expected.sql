-- Remove the trash of showings (edited)
drop trigger "trash_edited" on "p_golden"."showings";

-- Remove the trash of showings (deleted)
drop trigger "trash_deleted" on "p_golden"."showings";

-- Remove the guard of showings.property_id on update
drop trigger "link_c_property_id_update" on "p_golden"."showings";

-- Remove the guard of showings.property_id on insert
drop trigger "link_c_property_id_insert" on "p_golden"."showings";

-- Remove the link from showings.property_id to properties
alter table "p_golden"."showings" drop constraint "fk_t_showings_c_property_id";

-- Remove the rights on showings
revoke all on "p_golden"."showings" from "p_golden_user", "p_golden_admin";

-- Remove the index of showings for searches
drop index "p_golden"."ix_t_showings__words";

-- Remove the index of showings by property_id
drop index "p_golden"."ix_t_showings_c_property_id";

-- Remove the index of showings by created_at, id
drop index "p_golden"."ix_t_showings_03e2172ca88c8fb8";

-- Remove the index of showings by user_id, created_at
drop index "p_golden"."ix_t_showings_8681c2576a119291";

-- Remove the index of agents for searches
drop index "p_golden"."ix_t_agents__words";

-- Remove the uniqueness of agents by email
alter table "p_golden"."agents" drop constraint "uq_t_agents_c_email";

-- Remove the limits of agents.email
alter table "p_golden"."agents" drop constraint "ck_t_agents_c_email";

-- Remove the index of properties for searches
drop index "p_golden"."ix_t_properties__words";

-- Remove the uniqueness of properties by address, status
alter table "p_golden"."properties" drop constraint "uq_t_properties_8b6b5d31a49c43f7";

-- Remove the limits of properties.address
alter table "p_golden"."properties" drop constraint "ck_t_properties_c_address";

-- Hide the column email of agents in the archive
alter table "p_golden"."agents" rename column "email" to "_x_2_c_email";

-- Let rows do without properties.address
alter table "p_golden"."properties" alter column "address" drop not null;

-- Hide the column address of properties in the archive
alter table "p_golden"."properties" rename column "address" to "_x_2_c_address";

-- Stop telling which rows of showings are visible
drop function "p_golden"."_sees_t_showings"(uuid);

-- Free the name of the key of showings
alter table "p_golden"."showings" rename constraint "pk_t_showings" to "_x_2_pk_t_showings";

-- Hide the table showings in the archive
alter table "p_golden"."showings" rename to "_x_2_t_showings";

-- Add the index of agents for searches
create index "ix_t_agents__words" on "p_golden"."agents" using gin (to_tsvector('simple', translate(left(coalesce("name", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));
