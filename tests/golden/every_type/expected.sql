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

-- Create the table things
create table "p_golden"."things" (
    "id" uuid default gen_random_uuid() constraint "nn_t_things_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_things_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_things_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_things_updated_at" not null,
    "a_text" text,
    "a_long_text" text,
    "a_integer" bigint,
    "a_decimal" numeric(12, 2),
    "a_currency" numeric(12, 2),
    "a_percent" numeric(7, 2),
    "a_boolean" boolean,
    "a_date" date,
    "a_datetime" timestamptz,
    "a_time" time,
    "a_email" text,
    "a_phone" text,
    "a_url" text,
    "a_select" text,
    "a_rating" smallint,
    "a_json" jsonb,
    "a_uuid" uuid,
    "b_text" text default 'Hello' constraint "nn_t_things_c_b_text" not null,
    "b_long_text" text default 'First line
Second line' constraint "nn_t_things_c_b_long_text" not null,
    "b_integer" bigint default 0 constraint "nn_t_things_c_b_integer" not null,
    "b_decimal" numeric(12, 2) default 1234567890.12 constraint "nn_t_things_c_b_decimal" not null,
    "b_currency" numeric(12, 2) default 1234567890.12 constraint "nn_t_things_c_b_currency" not null,
    "b_percent" numeric(7, 2) default 12.5 constraint "nn_t_things_c_b_percent" not null,
    "b_boolean" boolean default true constraint "nn_t_things_c_b_boolean" not null,
    "b_date" date default '2026-11-20'::date constraint "nn_t_things_c_b_date" not null,
    "b_datetime" timestamptz default '2026-11-20 12:30:00+00:00'::timestamptz constraint "nn_t_things_c_b_datetime" not null,
    "b_time" time default '09:30:00'::time constraint "nn_t_things_c_b_time" not null,
    "b_email" text default 'ada@example.com' constraint "nn_t_things_c_b_email" not null,
    "b_phone" text default '+1 (555) 010-9999' constraint "nn_t_things_c_b_phone" not null,
    "b_url" text default 'https://example.com/a?b=c#d' constraint "nn_t_things_c_b_url" not null,
    "b_select" text default 'open' constraint "nn_t_things_c_b_select" not null,
    "b_rating" smallint default 1 constraint "nn_t_things_c_b_rating" not null,
    "b_json" jsonb default '{"a": [1, "two", null, true]}'::jsonb constraint "nn_t_things_c_b_json" not null,
    "b_uuid" uuid default '6fa459eaee8a3ca4894edb77e160355e'::uuid constraint "nn_t_things_c_b_uuid" not null,
    constraint "pk_t_things" primary key (id),
    constraint "ck_t_things_c_a_text" check ((char_length("a_text") <= 255)),
    constraint "ck_t_things_c_a_long_text" check ((char_length("a_long_text") <= 100000)),
    constraint "ck_t_things_c_a_percent" check (("a_percent" >= 0) and ("a_percent" <= 100)),
    constraint "ck_t_things_c_a_date" check (("a_date" between '0001-01-01'::date and '9999-12-31'::date)),
    constraint "ck_t_things_c_a_datetime" check (("a_datetime" between '0001-01-01 00:00:00+00:00'::timestamptz and '9999-12-31 23:59:59.999999+00:00'::timestamptz)),
    constraint "ck_t_things_c_a_time" check (("a_time" < '24:00')),
    constraint "ck_t_things_c_a_email" check ((char_length("a_email") <= 254) and ("a_email" ~  E'\\A[^@ \\t\\n\\r]+@[^@ \\t\\n\\r]+[.][^@ \\t\\n\\r]+\\Z')),
    constraint "ck_t_things_c_a_phone" check ((char_length("a_phone") <= 40) and ("a_phone" ~  E'\\A[+(0-9][0-9 ()/.x#*-]{2,39}\\Z')),
    constraint "ck_t_things_c_a_url" check ((char_length("a_url") <= 2000) and ("a_url" ~  E'\\A[Hh][Tt][Tt][Pp][Ss]?://[^ \\t\\n\\r]+\\Z')),
    constraint "ck_t_things_c_a_select" check (("a_select" in ('open', 'closed'))),
    constraint "ck_t_things_c_a_rating" check (("a_rating" between 1 and 5)),
    constraint "ck_t_things_c_b_text" check ((char_length("b_text") <= 255)),
    constraint "ck_t_things_c_b_long_text" check ((char_length("b_long_text") <= 100000)),
    constraint "ck_t_things_c_b_percent" check (("b_percent" >= 0) and ("b_percent" <= 100)),
    constraint "ck_t_things_c_b_date" check (("b_date" between '0001-01-01'::date and '9999-12-31'::date)),
    constraint "ck_t_things_c_b_datetime" check (("b_datetime" between '0001-01-01 00:00:00+00:00'::timestamptz and '9999-12-31 23:59:59.999999+00:00'::timestamptz)),
    constraint "ck_t_things_c_b_time" check (("b_time" < '24:00')),
    constraint "ck_t_things_c_b_email" check ((char_length("b_email") <= 254) and ("b_email" ~  E'\\A[^@ \\t\\n\\r]+@[^@ \\t\\n\\r]+[.][^@ \\t\\n\\r]+\\Z')),
    constraint "ck_t_things_c_b_phone" check ((char_length("b_phone") <= 40) and ("b_phone" ~  E'\\A[+(0-9][0-9 ()/.x#*-]{2,39}\\Z')),
    constraint "ck_t_things_c_b_url" check ((char_length("b_url") <= 2000) and ("b_url" ~  E'\\A[Hh][Tt][Tt][Pp][Ss]?://[^ \\t\\n\\r]+\\Z')),
    constraint "ck_t_things_c_b_select" check (("b_select" in ('open', 'closed'))),
    constraint "ck_t_things_c_b_rating" check (("b_rating" between 1 and 5))
);

-- Turn on row-level security of things
alter table "p_golden"."things" enable row level security, force row level security;

-- Let the project's roles use things
grant select, insert, update, delete on "p_golden"."things" to "p_golden_user", "p_golden_admin";

-- Keep the time of the last change of things
create trigger touch before update on "p_golden"."things" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of things is visible
create function "p_golden"."_sees_t_things"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."things" where id = $1); end;

-- Add the index of things by user_id, created_at
create index "ix_t_things_8681c2576a119291" on "p_golden"."things" ("user_id", "created_at" desc);

-- Add the policy member_select of things
create policy "member_select" on "p_golden"."things" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of things
create policy "member_insert" on "p_golden"."things" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of things
create policy "member_update" on "p_golden"."things" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of things
create policy "member_delete" on "p_golden"."things" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of things
create policy "admin_all" on "p_golden"."things" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of things
create policy "owner_all" on "p_golden"."things" for all to "p_golden_owner" using (true) with check (true);
