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

-- Create the table people
create table "p_golden"."people" (
    "id" uuid default gen_random_uuid() constraint "nn_t_people_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_people_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_people_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_people_updated_at" not null,
    "name" text,
    constraint "pk_t_people" primary key (id),
    constraint "ck_t_people_c_name" check ((char_length("name") <= 255))
);

-- Turn on row-level security of people
alter table "p_golden"."people" enable row level security, force row level security;

-- Keep the time of the last change of people
create trigger touch before update on "p_golden"."people" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of people is visible
create function "p_golden"."_sees_t_people"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."people" where id = $1); end;

-- Add the index of people by user_id, created_at
create index "ix_t_people_8681c2576a119291" on "p_golden"."people" (user_id, created_at desc);

-- Add the index of people by created_at, id
create index "ix_t_people_03e2172ca88c8fb8" on "p_golden"."people" (created_at desc, id desc);

-- Add the index of people for searches
create index "ix_t_people__words" on "p_golden"."people" using gin (to_tsvector('simple', translate(left(coalesce("name", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on people
grant select, insert, update, delete on "p_golden"."people" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of people
create policy "member_select" on "p_golden"."people" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of people
create policy "member_insert" on "p_golden"."people" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of people
create policy "member_update" on "p_golden"."people" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of people
create policy "member_delete" on "p_golden"."people" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of people
create policy "admin_all" on "p_golden"."people" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of people
create policy "owner_all" on "p_golden"."people" for all to "p_golden_owner" using (true) with check (true);

-- Create the table people_friends
create table "p_golden"."people_friends" (
    "id" uuid default gen_random_uuid() constraint "nn_j_fcbe979b4f2e2baf7b6d_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_j_fcbe979b4f2e2baf7b6d_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_j_fcbe979b4f2e2baf7b6d_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_j_fcbe979b4f2e2baf7b6d_updated_at" not null,
    "source_id" uuid constraint "nn_j_fcbe979b4f2e2baf7b6d_c_source" not null,
    "target_id" uuid constraint "nn_j_fcbe979b4f2e2baf7b6d_c_target" not null,
    constraint "pk_j_fcbe979b4f2e2baf7b6d" primary key (id),
    constraint "uq_j_fcbe979b4f2e2baf7b6d_c88ae95907b26490" unique ("source_id", "target_id")
);

-- Turn on row-level security of people_friends
alter table "p_golden"."people_friends" enable row level security, force row level security;

-- Keep the time of the last change of people_friends
create trigger touch before update on "p_golden"."people_friends" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of people_friends is visible
create function "p_golden"."_sees_j_fcbe979b4f2e2baf7b6d"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."people_friends" where id = $1); end;

-- Add the index of people_friends by target_id
create index "ix_j_fcbe979b4f2e2baf7b6d_c_target" on "p_golden"."people_friends" ("target_id");

-- Add the rights on people_friends
grant select, insert, delete on "p_golden"."people_friends" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of people_friends
create policy "member_select" on "p_golden"."people_friends" for select to "p_golden_user" using (exists (select from "p_golden"."people" seen where seen.id = "p_golden"."people_friends"."source_id"));

-- Add the policy member_insert of people_friends
create policy "member_insert" on "p_golden"."people_friends" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_delete of people_friends
create policy "member_delete" on "p_golden"."people_friends" for delete to "p_golden_user" using (exists (select from "p_golden"."people" seen where seen.id = "p_golden"."people_friends"."source_id"));

-- Add the policy admin_all of people_friends
create policy "admin_all" on "p_golden"."people_friends" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of people_friends
create policy "owner_all" on "p_golden"."people_friends" for all to "p_golden_owner" using (true) with check (true);

-- Add the trash of people (deleted)
create trigger "trash_deleted" before delete on "p_golden"."people" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_people', 'private');

-- Add the trash of people (edited)
create trigger "trash_edited" before update on "p_golden"."people" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_people', 'private');

-- Add the link from people_friends.source_id to people
alter table "p_golden"."people_friends" add constraint "fk_j_fcbe979b4f2e2baf7b6d_c_source" foreign key ("source_id") references "p_golden"."people" (id) on delete cascade;

-- Add the guard of people_friends.source_id on insert
create trigger "link_c_source_insert" before insert on "p_golden"."people_friends" for each row
    when (new."source_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."source_id"))
    execute function "p_golden"."_refuse_link"('fk_j_fcbe979b4f2e2baf7b6d_c_source');

-- Add the link from people_friends.target_id to people
alter table "p_golden"."people_friends" add constraint "fk_j_fcbe979b4f2e2baf7b6d_c_target" foreign key ("target_id") references "p_golden"."people" (id) on delete cascade;

-- Add the guard of people_friends.target_id on insert
create trigger "link_c_target_insert" before insert on "p_golden"."people_friends" for each row
    when (new."target_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."target_id"))
    execute function "p_golden"."_refuse_link"('fk_j_fcbe979b4f2e2baf7b6d_c_target');

-- Add the trash of people_friends (deleted)
create trigger "trash_deleted" before delete on "p_golden"."people_friends" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_deleted"('j_fcbe979b4f2e2baf7b6d', 'junction');

-- Add the trash of people_friends (added)
create trigger "trash_added" after insert on "p_golden"."people_friends" for each row
    when (current_setting('role') <> 'p_golden_owner' and current_setting('vibecrm.edits', true) = 'on') execute function "p_golden"."_keep_added"('j_fcbe979b4f2e2baf7b6d', 'junction');
