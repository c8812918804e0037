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
    "a_rich_text" text,
    "a_duration" interval default '1:30:00'::interval,
    "a_multi_select" text[] default array['red', 'it''s']::text[] constraint "nn_t_things_c_a_multi_select" not null,
    "a_attachment" jsonb,
    "a_user" uuid default auth.uid(),
    "a_auto_number" bigint constraint "nn_t_things_c_a_auto_number" not null generated always as identity (sequence name "p_golden"."sq_t_things_c_a_auto_number" start with 0 minvalue 0),
    "a_relation_id" uuid,
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
    constraint "ck_t_things_c_a_select" check (("a_select" in ('closed', 'open'))),
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
    constraint "ck_t_things_c_b_select" check (("b_select" in ('closed', 'open'))),
    constraint "ck_t_things_c_b_rating" check (("b_rating" between 1 and 5)),
    constraint "ck_t_things_c_a_rich_text" check ((char_length("a_rich_text") <= 5000)),
    constraint "ck_t_things_c_a_duration" check (("a_duration" between '-366000 days 0:00:00'::interval and '366000 days 0:00:00'::interval)),
    constraint "ck_t_things_c_a_multi_select" check (("a_multi_select" <@ array['it''s', 'red']::text[]) and (array_ndims("a_multi_select") = 1 and cardinality("a_multi_select") between 1 and 2)),
    constraint "ck_t_things_c_a_attachment" check ((jsonb_typeof("a_attachment") = 'array' and jsonb_array_length("a_attachment") between 1 and 3)),
    constraint "uq_t_things_c_a_auto_number" unique ("a_auto_number")
);

-- Turn on row-level security of things
alter table "p_golden"."things" enable row level security, force row level security;

-- Keep the time of the last change of things
create trigger touch before update on "p_golden"."things" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of things is visible
create function "p_golden"."_sees_t_things"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."things" where id = $1); end;

-- Add the index of things by user_id, created_at
create index "ix_t_things_8681c2576a119291" on "p_golden"."things" (user_id, created_at desc);

-- Add the index of things by created_at, id
create index "ix_t_things_03e2172ca88c8fb8" on "p_golden"."things" (created_at desc, id desc);

-- Add the index of things by a_relation_id
create index "ix_t_things_c_a_relation_id" on "p_golden"."things" ("a_relation_id");

-- Add the index of things for searches
create index "ix_t_things__words" on "p_golden"."things" using gin (to_tsvector('simple', translate(left(coalesce('T-' || lpad("a_auto_number"::text, greatest(4, length("a_auto_number"::text)), '0') || ' ' || "a_auto_number"::text, '') || ' ' || coalesce("a_email", '') || ' ' || coalesce("a_phone" || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 1) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 2) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 3) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 4) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 5) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 6) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 7) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 8) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 9) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 10) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 11) || ' ' || substr(regexp_replace("a_phone", '[^0-9]', '', 'g'), 12), '') || ' ' || coalesce("a_text", '') || ' ' || coalesce("a_url", '') || ' ' || coalesce("b_email", '') || ' ' || coalesce("b_phone" || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 1) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 2) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 3) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 4) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 5) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 6) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 7) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 8) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 9) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 10) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 11) || ' ' || substr(regexp_replace("b_phone", '[^0-9]', '', 'g'), 12), '') || ' ' || coalesce("b_text", '') || ' ' || coalesce("b_url", '') || ' ' || coalesce("a_long_text", '') || ' ' || coalesce(regexp_replace(regexp_replace("a_rich_text", '</?(a|b|code|del|em|i|s|span|strong|sub|sup|u)( [^>]*)?>', '', 'gi'), '<[^>]*>|&[a-z]+;', ' ', 'gi'), '') || ' ' || coalesce("b_long_text", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on things
grant select, insert ("id", "user_id", "created_at", "updated_at", "a_text", "a_long_text", "a_integer", "a_decimal", "a_currency", "a_percent", "a_boolean", "a_date", "a_datetime", "a_time", "a_email", "a_phone", "a_url", "a_select", "a_rating", "a_json", "a_uuid", "b_text", "b_long_text", "b_integer", "b_decimal", "b_currency", "b_percent", "b_boolean", "b_date", "b_datetime", "b_time", "b_email", "b_phone", "b_url", "b_select", "b_rating", "b_json", "b_uuid", "a_rich_text", "a_duration", "a_multi_select", "a_attachment", "a_user", "a_relation_id"), update ("id", "user_id", "created_at", "updated_at", "a_text", "a_long_text", "a_integer", "a_decimal", "a_currency", "a_percent", "a_boolean", "a_date", "a_datetime", "a_time", "a_email", "a_phone", "a_url", "a_select", "a_rating", "a_json", "a_uuid", "b_text", "b_long_text", "b_integer", "b_decimal", "b_currency", "b_percent", "b_boolean", "b_date", "b_datetime", "b_time", "b_email", "b_phone", "b_url", "b_select", "b_rating", "b_json", "b_uuid", "a_rich_text", "a_duration", "a_multi_select", "a_attachment", "a_user", "a_relation_id"), delete on "p_golden"."things" to "p_golden_user", "p_golden_admin";

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

-- Create the table things_others
create table "p_golden"."things_others" (
    "id" uuid default gen_random_uuid() constraint "nn_j_89d555fa58b5c9ee7cbf_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_j_89d555fa58b5c9ee7cbf_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_j_89d555fa58b5c9ee7cbf_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_j_89d555fa58b5c9ee7cbf_updated_at" not null,
    "source_id" uuid constraint "nn_j_89d555fa58b5c9ee7cbf_c_source" not null,
    "target_id" uuid constraint "nn_j_89d555fa58b5c9ee7cbf_c_target" not null,
    constraint "pk_j_89d555fa58b5c9ee7cbf" primary key (id),
    constraint "uq_j_89d555fa58b5c9ee7cbf_c88ae95907b26490" unique ("source_id", "target_id")
);

-- Turn on row-level security of things_others
alter table "p_golden"."things_others" enable row level security, force row level security;

-- Keep the time of the last change of things_others
create trigger touch before update on "p_golden"."things_others" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of things_others is visible
create function "p_golden"."_sees_j_89d555fa58b5c9ee7cbf"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."things_others" where id = $1); end;

-- Add the index of things_others by target_id
create index "ix_j_89d555fa58b5c9ee7cbf_c_target" on "p_golden"."things_others" ("target_id");

-- Add the rights on things_others
grant select, insert, delete on "p_golden"."things_others" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of things_others
create policy "member_select" on "p_golden"."things_others" for select to "p_golden_user" using (exists (select from "p_golden"."things" seen where seen.id = "p_golden"."things_others"."source_id"));

-- Add the policy member_insert of things_others
create policy "member_insert" on "p_golden"."things_others" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_delete of things_others
create policy "member_delete" on "p_golden"."things_others" for delete to "p_golden_user" using (exists (select from "p_golden"."things" seen where seen.id = "p_golden"."things_others"."source_id"));

-- Add the policy admin_all of things_others
create policy "admin_all" on "p_golden"."things_others" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of things_others
create policy "owner_all" on "p_golden"."things_others" for all to "p_golden_owner" using (true) with check (true);

-- Add the link from things.a_relation_id to things
alter table "p_golden"."things" add constraint "fk_t_things_c_a_relation_id" foreign key ("a_relation_id") references "p_golden"."things" (id) on delete set null;

-- Add the guard of things.a_relation_id on insert
create trigger "link_c_a_relation_id_insert" before insert on "p_golden"."things" for each row
    when (new."a_relation_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_things"(new."a_relation_id"))
    execute function "p_golden"."_refuse_link"('fk_t_things_c_a_relation_id');

-- Add the guard of things.a_relation_id on update
create trigger "link_c_a_relation_id_update" before update of "a_relation_id" on "p_golden"."things" for each row
    when (new."a_relation_id" is distinct from old."a_relation_id" and new."a_relation_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_things"(new."a_relation_id"))
    execute function "p_golden"."_refuse_link"('fk_t_things_c_a_relation_id');

-- Add the trash of things (deleted)
create trigger "trash_deleted" before delete on "p_golden"."things" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_things', 'private');

-- Add the trash of things (edited)
create trigger "trash_edited" before update on "p_golden"."things" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_things', 'private');

-- Add the link from things_others.source_id to things
alter table "p_golden"."things_others" add constraint "fk_j_89d555fa58b5c9ee7cbf_c_source" foreign key ("source_id") references "p_golden"."things" (id) on delete cascade;

-- Add the guard of things_others.source_id on insert
create trigger "link_c_source_insert" before insert on "p_golden"."things_others" for each row
    when (new."source_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_things"(new."source_id"))
    execute function "p_golden"."_refuse_link"('fk_j_89d555fa58b5c9ee7cbf_c_source');

-- Add the link from things_others.target_id to things
alter table "p_golden"."things_others" add constraint "fk_j_89d555fa58b5c9ee7cbf_c_target" foreign key ("target_id") references "p_golden"."things" (id) on delete cascade;

-- Add the guard of things_others.target_id on insert
create trigger "link_c_target_insert" before insert on "p_golden"."things_others" for each row
    when (new."target_id" is not null and current_user <> all (array['p_golden_owner', 'p_golden_admin']) and not "p_golden"."_sees_t_things"(new."target_id"))
    execute function "p_golden"."_refuse_link"('fk_j_89d555fa58b5c9ee7cbf_c_target');

-- Add the trash of things_others (deleted)
create trigger "trash_deleted" before delete on "p_golden"."things_others" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_deleted"('j_89d555fa58b5c9ee7cbf', 'junction');

-- Add the trash of things_others (added)
create trigger "trash_added" after insert on "p_golden"."things_others" for each row
    when (current_setting('role') <> 'p_golden_owner' and current_setting('vibecrm.edits', true) = 'on') execute function "p_golden"."_keep_added"('j_89d555fa58b5c9ee7cbf', 'junction');
