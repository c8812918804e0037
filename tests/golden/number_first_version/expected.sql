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
create index "ix_t_invoices_8681c2576a119291" on "p_golden"."invoices" ("user_id", "created_at" desc);

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
