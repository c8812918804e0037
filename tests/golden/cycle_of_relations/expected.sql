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

-- Create the table teams
create table "p_golden"."teams" (
    "id" uuid default gen_random_uuid() constraint "nn_t_teams_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_teams_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_teams_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_teams_updated_at" not null,
    "name" text,
    "leader_id" uuid,
    constraint "pk_t_teams" primary key (id),
    constraint "ck_t_teams_c_name" check ((char_length("name") <= 255))
);

-- Turn on row-level security of teams
alter table "p_golden"."teams" enable row level security, force row level security;

-- Keep the time of the last change of teams
create trigger touch before update on "p_golden"."teams" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of teams is visible
create function "p_golden"."_sees_t_teams"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."teams" where id = $1); end;

-- Add the index of teams by user_id, created_at
create index "ix_t_teams_8681c2576a119291" on "p_golden"."teams" (user_id, created_at desc);

-- Add the index of teams by created_at, id
create index "ix_t_teams_03e2172ca88c8fb8" on "p_golden"."teams" (created_at desc, id desc);

-- Add the index of teams by leader_id
create index "ix_t_teams_c_leader_id" on "p_golden"."teams" ("leader_id");

-- Add the index of teams for searches
create index "ix_t_teams__words" on "p_golden"."teams" using gin (to_tsvector('simple', translate(left(coalesce("name", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on teams
grant select, insert, update, delete on "p_golden"."teams" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of teams
create policy "member_select" on "p_golden"."teams" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of teams
create policy "member_insert" on "p_golden"."teams" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of teams
create policy "member_update" on "p_golden"."teams" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of teams
create policy "member_delete" on "p_golden"."teams" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of teams
create policy "admin_all" on "p_golden"."teams" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of teams
create policy "owner_all" on "p_golden"."teams" for all to "p_golden_owner" using (true) with check (true);

-- Create the table people
create table "p_golden"."people" (
    "id" uuid default gen_random_uuid() constraint "nn_t_people_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_people_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_people_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_people_updated_at" not null,
    "name" text,
    "team_id" uuid,
    "manager_id" uuid,
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

-- Add the index of people by team_id
create index "ix_t_people_c_team_id" on "p_golden"."people" ("team_id");

-- Add the index of people by manager_id
create index "ix_t_people_c_manager_id" on "p_golden"."people" ("manager_id");

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

-- Add the link from teams.leader_id to people
alter table "p_golden"."teams" add constraint "fk_t_teams_c_leader_id" foreign key ("leader_id") references "p_golden"."people" (id) on delete set null;

-- Add the guard of teams.leader_id on insert
create trigger "link_c_leader_id_insert" before insert on "p_golden"."teams" for each row
    when (new."leader_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."leader_id"))
    execute function "p_golden"."_refuse_link"('fk_t_teams_c_leader_id');

-- Add the guard of teams.leader_id on update
create trigger "link_c_leader_id_update" before update of "leader_id" on "p_golden"."teams" for each row
    when (new."leader_id" is distinct from old."leader_id" and new."leader_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."leader_id"))
    execute function "p_golden"."_refuse_link"('fk_t_teams_c_leader_id');

-- Add the trash of teams (deleted)
create trigger "trash_deleted" before delete on "p_golden"."teams" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_teams', 'private');

-- Add the trash of teams (edited)
create trigger "trash_edited" before update on "p_golden"."teams" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_teams', 'private');

-- Add the link from people.team_id to teams
alter table "p_golden"."people" add constraint "fk_t_people_c_team_id" foreign key ("team_id") references "p_golden"."teams" (id) on delete set null;

-- Add the guard of people.team_id on insert
create trigger "link_c_team_id_insert" before insert on "p_golden"."people" for each row
    when (new."team_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_teams"(new."team_id"))
    execute function "p_golden"."_refuse_link"('fk_t_people_c_team_id');

-- Add the guard of people.team_id on update
create trigger "link_c_team_id_update" before update of "team_id" on "p_golden"."people" for each row
    when (new."team_id" is distinct from old."team_id" and new."team_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_teams"(new."team_id"))
    execute function "p_golden"."_refuse_link"('fk_t_people_c_team_id');

-- Add the link from people.manager_id to people
alter table "p_golden"."people" add constraint "fk_t_people_c_manager_id" foreign key ("manager_id") references "p_golden"."people" (id) on delete restrict;

-- Add the guard of people.manager_id on insert
create trigger "link_c_manager_id_insert" before insert on "p_golden"."people" for each row
    when (new."manager_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."manager_id"))
    execute function "p_golden"."_refuse_link"('fk_t_people_c_manager_id');

-- Add the guard of people.manager_id on update
create trigger "link_c_manager_id_update" before update of "manager_id" on "p_golden"."people" for each row
    when (new."manager_id" is distinct from old."manager_id" and new."manager_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_people"(new."manager_id"))
    execute function "p_golden"."_refuse_link"('fk_t_people_c_manager_id');

-- Add the trash of people (deleted)
create trigger "trash_deleted" before delete on "p_golden"."people" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_people', 'private');

-- Add the trash of people (edited)
create trigger "trash_edited" before update on "p_golden"."people" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_people', 'private');
