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

-- Create the table invoices
create table "p_golden"."invoices" (
    "id" uuid default gen_random_uuid() constraint "nn_t_invoices_id" not null,
    "user_id" uuid default auth.uid() constraint "nn_t_invoices_user_id" not null,
    "created_at" timestamptz default now() constraint "nn_t_invoices_created_at" not null,
    "updated_at" timestamptz default now() constraint "nn_t_invoices_updated_at" not null,
    "number" bigint constraint "nn_t_invoices_c_number" not null generated always as identity (sequence name "p_golden"."sq_t_invoices_c_number" start with 1000 minvalue 0),
    "title" text constraint "nn_t_invoices_c_title" not null,
    constraint "pk_t_invoices" primary key (id),
    constraint "ck_t_invoices_c_title" check ((char_length("title") <= 255)),
    constraint "uq_t_invoices_c_number" unique ("number")
);

-- Turn on row-level security of invoices
alter table "p_golden"."invoices" enable row level security, force row level security;

-- Keep the time of the last change of invoices
create trigger touch before update on "p_golden"."invoices" for each row execute function "p_golden"."_touch"();

-- Tell whether a row of invoices is visible
create function "p_golden"."_sees_t_invoices"(uuid) returns boolean language sql set search_path = ''
    begin atomic; select exists (select from "p_golden"."invoices" where id = $1); end;

-- Add the index of invoices by user_id, created_at
create index "ix_t_invoices_8681c2576a119291" on "p_golden"."invoices" (user_id, created_at desc);

-- Add the index of invoices by created_at, id
create index "ix_t_invoices_03e2172ca88c8fb8" on "p_golden"."invoices" (created_at desc, id desc);

-- Add the index of invoices for searches
create index "ix_t_invoices__words" on "p_golden"."invoices" using gin (to_tsvector('simple', translate(left(coalesce('INV-' || lpad("number"::text, greatest(4, length("number"::text)), '0') || ' ' || "number"::text, '') || ' ' || coalesce("title", ''), 100000), E'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff', '                                              ')));

-- Add the rights on invoices
grant select, insert ("id", "user_id", "created_at", "updated_at", "title"), update ("id", "user_id", "created_at", "updated_at", "title"), delete on "p_golden"."invoices" to "p_golden_user", "p_golden_admin";

-- Add the policy member_select of invoices
create policy "member_select" on "p_golden"."invoices" for select to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy member_insert of invoices
create policy "member_insert" on "p_golden"."invoices" for insert to "p_golden_user" with check (user_id = (select auth.uid()));

-- Add the policy member_update of invoices
create policy "member_update" on "p_golden"."invoices" for update to "p_golden_user" using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));

-- Add the policy member_delete of invoices
create policy "member_delete" on "p_golden"."invoices" for delete to "p_golden_user" using (user_id = (select auth.uid()));

-- Add the policy admin_all of invoices
create policy "admin_all" on "p_golden"."invoices" for all to "p_golden_admin" using (true) with check (true);

-- Add the policy owner_all of invoices
create policy "owner_all" on "p_golden"."invoices" for all to "p_golden_owner" using (true) with check (true);

-- Add the trash of invoices (deleted)
create trigger "trash_deleted" before delete on "p_golden"."invoices" for each row
    when (current_setting('role') <> 'p_golden_owner') execute function "p_golden"."_keep_deleted"('t_invoices', 'private');

-- Add the trash of invoices (edited)
create trigger "trash_edited" before update on "p_golden"."invoices" for each row
    when (current_setting('role') <> 'p_golden_owner' and (pg_trigger_depth() > 0 or current_setting('vibecrm.edits', true) = 'on')) execute function "p_golden"."_keep_edited"('t_invoices', 'private');
