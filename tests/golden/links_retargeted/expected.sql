-- Remove the trash of contacts_tags (added)
drop trigger "trash_added" on "p_golden"."contacts_tags";

-- Remove the trash of contacts_tags (deleted)
drop trigger "trash_deleted" on "p_golden"."contacts_tags";

-- Remove the guard of contacts_tags.target_id on insert
drop trigger "link_c_target_insert" on "p_golden"."contacts_tags";

-- Remove the link from contacts_tags.target_id to tags
alter table "p_golden"."contacts_tags" drop constraint "fk_j_1c0c220008c0e08c7b2c_c_target";

-- Remove the guard of contacts_tags.source_id on insert
drop trigger "link_c_source_insert" on "p_golden"."contacts_tags";

-- Remove the link from contacts_tags.source_id to contacts
alter table "p_golden"."contacts_tags" drop constraint "fk_j_1c0c220008c0e08c7b2c_c_source";

-- Remove the rights on contacts_tags
revoke all on "p_golden"."contacts_tags" from "p_golden_user", "p_golden_admin";

-- Remove the index of contacts_tags by target_id
drop index "p_golden"."ix_j_1c0c220008c0e08c7b2c_c_target";

-- Remove the uniqueness of contacts_tags by source_id, target_id
alter table "p_golden"."contacts_tags" drop constraint "uq_j_1c0c220008c0e08c7b2c_c88ae95907b26490";

-- Stop telling which rows of contacts_tags are visible
drop function "p_golden"."_sees_j_1c0c220008c0e08c7b2c"(uuid);

-- Free the name of the key of contacts_tags
alter table "p_golden"."contacts_tags" rename constraint "pk_j_1c0c220008c0e08c7b2c" to "_x_2_pk_j_1c0c220008c0e08c7b2c";

-- Hide the table contacts_tags in the archive
alter table "p_golden"."contacts_tags" rename to "_x_2_j_1c0c220008c0e08c7b2c";

-- Create the table topics
create table "p_golden"."topics" (
    "id" uuid default gen_random_uuid() constraint "nn_t_topics_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_topics_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_topics_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_topics_updated_at" not null,
    "name" text,
    constraint "pk_t_topics" primary key (id),
    constraint "ck_t_topics_c_name" check ((char_length("name") <= 255))
);

-- Turn on row-level security of topics
alter table "p_golden"."topics" enable row level security, force row level security;

-- Keep the time of the last change of topics
create trigger touch before update on "p_golden"."topics" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of topics is visible
create function "p_golden"."_sees_t_topics"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."topics" where id = $1); end;

-- Add the index of topics by user_id, created_at
create index "ix_t_topics_8681c2576a119291" on "p_golden"."topics" (user_id, created_at desc);

-- Add the index of topics by created_at, id
create index "ix_t_topics_03e2172ca88c8fb8" on "p_golden"."topics" (created_at desc, id desc);

-- Add the index of topics for searches
create index "ix_t_topics__words" on "p_golden"."topics" using gin (to_tsvector('simple', translate(left(coalesce("name", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on topics
grant select, insert, update, delete on "p_golden"."topics" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of topics
create policy "member_select" on "p_golden"."topics" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of topics
create policy "member_insert" on "p_golden"."topics" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of topics
create policy "member_update" on "p_golden"."topics" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of topics
create policy "member_delete" on "p_golden"."topics" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of topics
create policy "admin_all" on "p_golden"."topics" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of topics
create policy "owner_all" on "p_golden"."topics" for all to "p_golden_owner" using (true) with check (true);

-- Create the table contacts_tags
create table "p_golden"."contacts_tags" (
    "id" uuid default gen_random_uuid() constraint "nn_j_0b8925d4a824abe082cb_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_j_0b8925d4a824abe082cb_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_j_0b8925d4a824abe082cb_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_j_0b8925d4a824abe082cb_updated_at" not null,
    "source_id" uuid constraint "nn_j_0b8925d4a824abe082cb_c_source" not null,
    "target_id" uuid constraint "nn_j_0b8925d4a824abe082cb_c_target" not null,
    constraint "pk_j_0b8925d4a824abe082cb" primary key (id),
    constraint "uq_j_0b8925d4a824abe082cb_c88ae95907b26490" unique ("source_id", "target_id")
);

-- Turn on row-level security of contacts_tags
alter table "p_golden"."contacts_tags" enable row level security, force row level security;

-- Keep the time of the last change of contacts_tags
create trigger touch before update on "p_golden"."contacts_tags" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of contacts_tags is visible
create function "p_golden"."_sees_j_0b8925d4a824abe082cb"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."contacts_tags" where id = $1); end;

-- Add the index of contacts_tags by target_id
create index "ix_j_0b8925d4a824abe082cb_c_target" on "p_golden"."contacts_tags" ("target_id");

-- Add the rights on contacts_tags
grant select, insert, delete on "p_golden"."contacts_tags" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of contacts_tags
create policy "member_select" on "p_golden"."contacts_tags" for select to "p_golden_user" using (exists (select from "p_golden"."contacts" seen where seen.id = "p_golden"."contacts_tags"."source_id"));

-- Add the policy member_insert of contacts_tags
create policy "member_insert" on "p_golden"."contacts_tags" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_delete of contacts_tags
create policy "member_delete" on "p_golden"."contacts_tags" for delete to "p_golden_user" using (exists (select from "p_golden"."contacts" seen where seen.id = "p_golden"."contacts_tags"."source_id"));

-- Add the policy admin_all of contacts_tags
create policy "admin_all" on "p_golden"."contacts_tags" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of contacts_tags
create policy "owner_all" on "p_golden"."contacts_tags" for all to "p_golden_owner" using (true) with check (true);

-- Add the trash of topics (deleted)
create trigger "trash_deleted" before delete on "p_golden"."topics" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_topics', 'private');

-- Add the trash of topics (edited)
create trigger "trash_edited" before update on "p_golden"."topics" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_topics', 'private');

-- Add the link from contacts_tags.source_id to contacts
alter table "p_golden"."contacts_tags" add constraint "fk_j_0b8925d4a824abe082cb_c_source" foreign key ("source_id") references "p_golden"."contacts" (id) on delete cascade;

-- Add the guard of contacts_tags.source_id on insert
create trigger "link_c_source_insert" before insert on "p_golden"."contacts_tags" for each row
    when (new."source_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_contacts"(new."source_id"))
    execute function "p_golden"."_refuse_link"('fk_j_0b8925d4a824abe082cb_c_source');

-- Add the link from contacts_tags.target_id to topics
alter table "p_golden"."contacts_tags" add constraint "fk_j_0b8925d4a824abe082cb_c_target" foreign key ("target_id") references "p_golden"."topics" (id) on delete cascade;

-- Add the guard of contacts_tags.target_id on insert
create trigger "link_c_target_insert" before insert on "p_golden"."contacts_tags" for each row
    when (new."target_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_topics"(new."target_id"))
    execute function "p_golden"."_refuse_link"('fk_j_0b8925d4a824abe082cb_c_target');

-- Add the trash of contacts_tags (deleted)
create trigger "trash_deleted" before delete on "p_golden"."contacts_tags" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_deleted"('j_0b8925d4a824abe082cb', 'junction');

-- Add the trash of contacts_tags (added)
create trigger "trash_added" after insert on "p_golden"."contacts_tags" for each row
    when (current_setting('role') <> 'p_golden_owner' and current_setting('vibecrm.edits', true) = 'on') execute function "p_golden"."_keep_added"('j_0b8925d4a824abe082cb', 'junction');
