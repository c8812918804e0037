-- Create the table contacts_tags
create table "p_golden"."contacts_tags" (
    "id" uuid default gen_random_uuid() constraint "nn_j_1c0c220008c0e08c7b2c_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_j_1c0c220008c0e08c7b2c_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_j_1c0c220008c0e08c7b2c_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_j_1c0c220008c0e08c7b2c_updated_at" not null,
    "source_id" uuid constraint "nn_j_1c0c220008c0e08c7b2c_c_source" not null,
    "target_id" uuid constraint "nn_j_1c0c220008c0e08c7b2c_c_target" not null,
    constraint "pk_j_1c0c220008c0e08c7b2c" primary key (id),
    constraint "uq_j_1c0c220008c0e08c7b2c_c88ae95907b26490" unique ("source_id", "target_id")
);

-- Turn on row-level security of contacts_tags
alter table "p_golden"."contacts_tags" enable row level security, force row level security;

-- Keep the time of the last change of contacts_tags
create trigger touch before update on "p_golden"."contacts_tags" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of contacts_tags is visible
create function "p_golden"."_sees_j_1c0c220008c0e08c7b2c"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."contacts_tags" where id = $1); end;

-- Add the index of contacts_tags by target_id
create index "ix_j_1c0c220008c0e08c7b2c_c_target" on "p_golden"."contacts_tags" ("target_id");

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

-- Add the link from contacts_tags.source_id to contacts
alter table "p_golden"."contacts_tags" add constraint "fk_j_1c0c220008c0e08c7b2c_c_source" foreign key ("source_id") references "p_golden"."contacts" (id) on delete cascade;

-- Add the guard of contacts_tags.source_id on insert
create trigger "link_c_source_insert" before insert on "p_golden"."contacts_tags" for each row
    when (new."source_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_contacts"(new."source_id"))
    execute function "p_golden"."_refuse_link"('fk_j_1c0c220008c0e08c7b2c_c_source');

-- Add the link from contacts_tags.target_id to tags
alter table "p_golden"."contacts_tags" add constraint "fk_j_1c0c220008c0e08c7b2c_c_target" foreign key ("target_id") references "p_golden"."tags" (id) on delete cascade;

-- Add the guard of contacts_tags.target_id on insert
create trigger "link_c_target_insert" before insert on "p_golden"."contacts_tags" for each row
    when (new."target_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_tags"(new."target_id"))
    execute function "p_golden"."_refuse_link"('fk_j_1c0c220008c0e08c7b2c_c_target');

-- Add the trash of contacts_tags (deleted)
create trigger "trash_deleted" before delete on "p_golden"."contacts_tags" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_deleted"('j_1c0c220008c0e08c7b2c', 'junction');

-- Add the trash of contacts_tags (added)
create trigger "trash_added" after insert on "p_golden"."contacts_tags" for each row
    when (current_setting('role') <> 'p_golden_owner' and current_setting('vibecrm.edits', true) = 'on') execute function "p_golden"."_keep_added"('j_1c0c220008c0e08c7b2c', 'junction');
