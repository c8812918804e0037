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
create index "ix_t_teams_8681c2576a119291" on "p_golden"."teams" ("user_id", "created_at" desc);

-- Add the index of teams by leader_id
create index "ix_t_teams_c_leader_id" on "p_golden"."teams" ("leader_id");

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
create index "ix_t_people_8681c2576a119291" on "p_golden"."people" ("user_id", "created_at" desc);

-- Add the index of people by team_id
create index "ix_t_people_c_team_id" on "p_golden"."people" ("team_id");

-- Add the index of people by manager_id
create index "ix_t_people_c_manager_id" on "p_golden"."people" ("manager_id");

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
