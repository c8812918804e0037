-- Keep the time of the last change of every row, and its owner
create function "p_golden"."_touch"() returns trigger language plpgsql set search_path = '' as $$
begin
    if new.user_id is distinct from old.user_id and current_user <> all (array['p_golden_owner', 'p_golden_admin']) then
        raise insufficient_privilege using message = 'The owner of a row cannot be changed.';
    end if;
    new.updated_at := now();
    return new;
end
$$;

-- Answer a link to a hidden row like one to a missing row
create function "p_golden"."_refuse_link"() returns trigger language plpgsql set search_path = '' as $$
begin
    raise foreign_key_violation using
        message = 'The linked row does not exist.',
        schema = tg_table_schema, table = tg_table_name, constraint = tg_argv[0];
end
$$;

-- Keep deleted rows for the trash
create function "p_golden"."_keep_deleted"() returns trigger language plpgsql security definer set search_path = '' as $$
declare
    this_batch uuid := nullif(current_setting('vibecrm.batch', true), '');
    this_version integer := coalesce((select max(number) from "p_golden"."_ledger"), 0);
    is_direct boolean := pg_trigger_depth() = 1;
    me uuid := auth.uid();
    earlier jsonb;
    later jsonb;
begin
    if this_batch is null then
        this_batch := gen_random_uuid();
        perform set_config('vibecrm.batch', this_batch::text, true);
    end if;
    insert into "p_golden"."_trash" as t (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
    values (this_batch, 'deleted', tg_argv[0], old.id, old.user_id, me, is_direct,
        is_direct or tg_argv[1] = 'project' or old.user_id = me, this_version, to_jsonb(old))
    on conflict on constraint _trash_once do update
    set kind = 'deleted', record = excluded.record || t.record, after = null;
    return old;
end
$$;
revoke all on function "p_golden"."_keep_deleted"() from public;

-- Keep what edited rows were before
create function "p_golden"."_keep_edited"() returns trigger language plpgsql security definer set search_path = '' as $$
declare
    this_batch uuid := nullif(current_setting('vibecrm.batch', true), '');
    this_version integer := coalesce((select max(number) from "p_golden"."_ledger"), 0);
    is_direct boolean := pg_trigger_depth() = 1;
    me uuid := auth.uid();
    earlier jsonb;
    later jsonb;
begin
    if this_batch is null then
        this_batch := gen_random_uuid();
        perform set_config('vibecrm.batch', this_batch::text, true);
    end if;
    select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value) into earlier, later
    from jsonb_each(to_jsonb(old)) o join jsonb_each(to_jsonb(new)) n using (key)
    where o.value <> n.value and key <> 'updated_at';
    if earlier is not null then
        insert into "p_golden"."_trash" as t
            (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record, after)
        values (this_batch, 'edited', tg_argv[0], old.id, old.user_id, me, is_direct,
            is_direct or tg_argv[1] = 'project' or old.user_id = me, this_version, earlier, later)
        on conflict on constraint _trash_once do update
        set record = excluded.record || t.record, after = t.after || excluded.after where t.kind = 'edited';
    end if;
    return new;
end
$$;
revoke all on function "p_golden"."_keep_edited"() from public;

-- Keep which links were added
create function "p_golden"."_keep_added"() returns trigger language plpgsql security definer set search_path = '' as $$
declare
    this_batch uuid := nullif(current_setting('vibecrm.batch', true), '');
    this_version integer := coalesce((select max(number) from "p_golden"."_ledger"), 0);
    is_direct boolean := pg_trigger_depth() = 1;
    me uuid := auth.uid();
    earlier jsonb;
    later jsonb;
begin
    if this_batch is null then
        this_batch := gen_random_uuid();
        perform set_config('vibecrm.batch', this_batch::text, true);
    end if;
    insert into "p_golden"."_trash" (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
    values (this_batch, 'added', tg_argv[0], new.id, new.user_id, me, is_direct, false, this_version,
        to_jsonb(new));
    return null;
end
$$;
revoke all on function "p_golden"."_keep_added"() from public;

-- Create the table agents
create table "p_golden"."agents" (
    "id" uuid default gen_random_uuid() constraint "nn_t_agents_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_agents_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_agents_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_agents_updated_at" not null,
    "name" text constraint "nn_t_agents_c_name" not null,
    "email" text,
    constraint "pk_t_agents" primary key (id),
    constraint "ck_t_agents_c_name" check ((char_length("name") <= 120)),
    constraint "ck_t_agents_c_email" check ((char_length("email") <= 254) and ("email" ~  E'\\A[^@ \\t\\n\\r]+@[^@ \\t\\n\\r]+[.][^@ \\t\\n\\r]+\\Z')),
    constraint "uq_t_agents_c_email" unique ("email")
);

-- Turn on row-level security of agents
alter table "p_golden"."agents" enable row level security, force row level security;

-- Keep the time of the last change of agents
create trigger touch before update on "p_golden"."agents" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of agents is visible
create function "p_golden"."_sees_t_agents"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."agents" where id = $1); end;

-- Add the index of agents by user_id, created_at
create index "ix_t_agents_8681c2576a119291" on "p_golden"."agents" (user_id, created_at desc);

-- Add the index of agents by created_at, id
create index "ix_t_agents_03e2172ca88c8fb8" on "p_golden"."agents" (created_at desc, id desc);

-- Add the index of agents for searches
create index "ix_t_agents__words" on "p_golden"."agents" using gin (to_tsvector('simple', translate(left(coalesce("email", '') || ' ' || coalesce("name", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on agents
grant select, insert, update, delete on "p_golden"."agents" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of agents
create policy "member_select" on "p_golden"."agents" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of agents
create policy "member_insert" on "p_golden"."agents" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of agents
create policy "member_update" on "p_golden"."agents" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of agents
create policy "member_delete" on "p_golden"."agents" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of agents
create policy "admin_all" on "p_golden"."agents" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of agents
create policy "owner_all" on "p_golden"."agents" for all to "p_golden_owner" using (true) with check (true);

-- Create the table properties
create table "p_golden"."properties" (
    "id" uuid default gen_random_uuid() constraint "nn_t_properties_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_properties_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_properties_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_properties_updated_at" not null,
    "address" text constraint "nn_t_properties_c_address" not null,
    "price" numeric(12, 2),
    "status" text default 'available',
    "listed_on" date,
    "agent_id" uuid,
    constraint "pk_t_properties" primary key (id),
    constraint "ck_t_properties_c_address" check ((char_length("address") <= 200)),
    constraint "ck_t_properties_c_status" check (("status" in ('available', 'sold'))),
    constraint "ck_t_properties_c_listed_on" check (("listed_on" between '0001-01-01'::date and '9999-12-31'::date)),
    constraint "uq_t_properties_8b6b5d31a49c43f7" unique ("address", "status")
);

-- Turn on row-level security of properties
alter table "p_golden"."properties" enable row level security, force row level security;

-- Keep the time of the last change of properties
create trigger touch before update on "p_golden"."properties" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of properties is visible
create function "p_golden"."_sees_t_properties"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."properties" where id = $1); end;

-- Add the index of properties by user_id, created_at
create index "ix_t_properties_8681c2576a119291" on "p_golden"."properties" (user_id, created_at desc);

-- Add the index of properties by created_at, id
create index "ix_t_properties_03e2172ca88c8fb8" on "p_golden"."properties" (created_at desc, id desc);

-- Add the index of properties by agent_id
create index "ix_t_properties_c_agent_id" on "p_golden"."properties" ("agent_id");

-- Add the index of properties by status, created_at
create index "ix_t_properties_ededcc83d1c92953" on "p_golden"."properties" ("status", "created_at");

-- Add the index of properties for searches
create index "ix_t_properties__words" on "p_golden"."properties" using gin (to_tsvector('simple', translate(left(coalesce("address", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on properties
grant select, insert, update, delete on "p_golden"."properties" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of properties
create policy "member_select" on "p_golden"."properties" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of properties
create policy "member_insert" on "p_golden"."properties" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of properties
create policy "member_update" on "p_golden"."properties" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of properties
create policy "member_delete" on "p_golden"."properties" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of properties
create policy "admin_all" on "p_golden"."properties" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of properties
create policy "owner_all" on "p_golden"."properties" for all to "p_golden_owner" using (true) with check (true);

-- Create the table showings
create table "p_golden"."showings" (
    "id" uuid default gen_random_uuid() constraint "nn_t_showings_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_showings_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_showings_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_showings_updated_at" not null,
    "starts_at" timestamptz constraint "nn_t_showings_c_starts_at" not null,
    "rating" smallint,
    "is_done" boolean default false,
    "notes" text,
    "property_id" uuid constraint "nn_t_showings_c_property_id" not null,
    constraint "pk_t_showings" primary key (id),
    constraint "ck_t_showings_c_starts_at" check (("starts_at" between '0001-01-01 00:00:00+00:00'::timestamptz and '9999-12-31 23:59:59.999999+00:00'::timestamptz)),
    constraint "ck_t_showings_c_rating" check (("rating" between 1 and 5)),
    constraint "ck_t_showings_c_notes" check ((char_length("notes") <= 100000))
);

-- Turn on row-level security of showings
alter table "p_golden"."showings" enable row level security, force row level security;

-- Keep the time of the last change of showings
create trigger touch before update on "p_golden"."showings" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of showings is visible
create function "p_golden"."_sees_t_showings"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."showings" where id = $1); end;

-- Add the index of showings by user_id, created_at
create index "ix_t_showings_8681c2576a119291" on "p_golden"."showings" (user_id, created_at desc);

-- Add the index of showings by created_at, id
create index "ix_t_showings_03e2172ca88c8fb8" on "p_golden"."showings" (created_at desc, id desc);

-- Add the index of showings by property_id
create index "ix_t_showings_c_property_id" on "p_golden"."showings" ("property_id");

-- Add the index of showings for searches
create index "ix_t_showings__words" on "p_golden"."showings" using gin (to_tsvector('simple', translate(left(coalesce("notes", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on showings
grant select, insert, update, delete on "p_golden"."showings" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of showings
create policy "member_select" on "p_golden"."showings" for select to "p_golden_user" using (true);

-- Add the policy member_insert of showings
create policy "member_insert" on "p_golden"."showings" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of showings
create policy "member_update" on "p_golden"."showings" for update to "p_golden_user" using (true) with check (true);

-- Add the policy member_delete of showings
create policy "member_delete" on "p_golden"."showings" for delete to "p_golden_user" using (true);

-- Add the policy admin_all of showings
create policy "admin_all" on "p_golden"."showings" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of showings
create policy "owner_all" on "p_golden"."showings" for all to "p_golden_owner" using (true) with check (true);

-- Add the trash of agents (deleted)
create trigger "trash_deleted" before delete on "p_golden"."agents" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_agents', 'private');

-- Add the trash of agents (edited)
create trigger "trash_edited" before update on "p_golden"."agents" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_agents', 'private');

-- Add the link from properties.agent_id to agents
alter table "p_golden"."properties" add constraint "fk_t_properties_c_agent_id" foreign key ("agent_id") references "p_golden"."agents" (id) on delete set null;

-- Add the guard of properties.agent_id on insert
create trigger "link_c_agent_id_insert" before insert on "p_golden"."properties" for each row
    when (new."agent_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_agents"(new."agent_id"))
    execute function "p_golden"."_refuse_link"('fk_t_properties_c_agent_id');

-- Add the guard of properties.agent_id on update
create trigger "link_c_agent_id_update" before update of "agent_id" on "p_golden"."properties" for each row
    when (new."agent_id" is distinct from old."agent_id" and new."agent_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_agents"(new."agent_id"))
    execute function "p_golden"."_refuse_link"('fk_t_properties_c_agent_id');

-- Add the trash of properties (deleted)
create trigger "trash_deleted" before delete on "p_golden"."properties" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_properties', 'private');

-- Add the trash of properties (edited)
create trigger "trash_edited" before update on "p_golden"."properties" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_properties', 'private');

-- Add the link from showings.property_id to properties
alter table "p_golden"."showings" add constraint "fk_t_showings_c_property_id" foreign key ("property_id") references "p_golden"."properties" (id) on delete cascade;

-- Add the guard of showings.property_id on insert
create trigger "link_c_property_id_insert" before insert on "p_golden"."showings" for each row
    when (new."property_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_properties"(new."property_id"))
    execute function "p_golden"."_refuse_link"('fk_t_showings_c_property_id');

-- Add the guard of showings.property_id on update
create trigger "link_c_property_id_update" before update of "property_id" on "p_golden"."showings" for each row
    when (new."property_id" is distinct from old."property_id" and new."property_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_properties"(new."property_id"))
    execute function "p_golden"."_refuse_link"('fk_t_showings_c_property_id');

-- Add the trash of showings (deleted)
create trigger "trash_deleted" before delete on "p_golden"."showings" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_showings', 'project');

-- Add the trash of showings (edited)
create trigger "trash_edited" before update on "p_golden"."showings" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_showings', 'project');
