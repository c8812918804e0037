"""The trash of a project: one more table of its schema, and the functions of the triggers that fill it.

A row that is deleted really leaves its table, so that unique values, links and counts stay honest; what it was is
written here by triggers (provisioning/parts/keeping.py), in the transaction that deletes it. The functions run with the
rights of the project's owner and nobody has the right to write here, so an entry cannot be forged: it is proof that
the row was there. They are not to be called by anybody either, or a trigger on a temporary table could.

Of one transaction, which is one batch, each row has one entry: what it was before and, edited, what it became. Who did
it sees the entries of rows that they could see; so does whom a row belongs to; admins see all.
"""

from __future__ import annotations

from typing import Final, LiteralString

from core import sql
from provisioning.target import KEEP_ADDED, KEEP_DELETED, KEEP_EDITED, TRASH, Target

_TABLE: Final[LiteralString] = """\
create table {trash} (
    id uuid primary key default gen_random_uuid(),
    batch uuid not null,
    kind text not null check (kind in ('deleted', 'edited', 'added')),
    table_id text not null,
    record_id uuid not null,
    user_id uuid not null,
    done_by uuid not null,
    done_at timestamptz not null default now(),
    is_direct boolean not null,
    is_shown boolean not null,
    version integer not null,
    record jsonb not null,
    after jsonb,
    constraint _trash_once unique (batch, done_by, table_id, record_id)
);
create index _trash_done_by on {trash} (done_by, done_at);
create index _trash_user_id on {trash} (user_id, done_at);
create index _trash_record_id on {trash} (record_id);
alter table {trash} enable row level security, force row level security;
create policy member_select on {trash} for select to {member}
    using (user_id = (select auth.uid()) or (done_by = (select auth.uid()) and is_shown));
create policy admin_select on {trash} for select to {admin} using (true);
create policy owner_all on {trash} for all to {owner} using (true) with check (true);
grant select on {trash} to {member}, {admin}
"""
"""`record` has the values by the names that the columns had in `version`, a number of the ledger; of an edit only those
that changed, which are in `after` as they became."""

_HEAD: Final[LiteralString] = """\
create function {name}() returns trigger language plpgsql security definer set search_path = '' as $$
declare
    this_batch uuid := nullif(current_setting('vibecrm.batch', true), '');
    this_version integer := coalesce((select max(number) from {ledger}), 0);
    is_direct boolean := pg_trigger_depth() = 1;
    me uuid := auth.uid();
    earlier jsonb;
    later jsonb;
begin
    if this_batch is null then
        this_batch := gen_random_uuid();
        perform set_config('vibecrm.batch', this_batch::text, true);
    end if;
"""
"""Whatever one transaction does is one batch."""

_TAIL: Final[LiteralString] = """\
end
$$;
revoke all on function {name}() from public"""

_DELETED: Final[LiteralString] = """\
    insert into {trash} as t (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
    values (this_batch, 'deleted', tg_argv[0], old.id, old.user_id, me, is_direct,
        is_direct or tg_argv[1] = 'project' or old.user_id = me, this_version, to_jsonb(old))
    on conflict on constraint _trash_once do update
    set kind = 'deleted', record = excluded.record || t.record, after = null;
    return old;
"""
"""A row whose link the same batch emptied before it took it along comes back with that link."""

_EDITED: Final[LiteralString] = """\
    select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value) into earlier, later
    from jsonb_each(to_jsonb(old)) o join jsonb_each(to_jsonb(new)) n using (key)
    where o.value <> n.value and key <> 'updated_at';
    if earlier is not null then
        insert into {trash} as t
            (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record, after)
        values (this_batch, 'edited', tg_argv[0], old.id, old.user_id, me, is_direct,
            is_direct or tg_argv[1] = 'project' or old.user_id = me, this_version, earlier, later)
        on conflict on constraint _trash_once do update
        set record = excluded.record || t.record, after = t.after || excluded.after where t.kind = 'edited';
    end if;
    return new;
"""

_ADDED: Final[LiteralString] = """\
    insert into {trash} (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
    values (this_batch, 'added', tg_argv[0], new.id, new.user_id, me, is_direct, false, this_version,
        to_jsonb(new));
    return null;
"""

FUNCTIONS: Final[tuple[tuple[str, LiteralString, str], ...]] = (
    (KEEP_DELETED, _HEAD + _DELETED + _TAIL, "Keep deleted rows for the trash"),
    (KEEP_EDITED, _HEAD + _EDITED + _TAIL, "Keep what edited rows were before"),
    (KEEP_ADDED, _HEAD + _ADDED + _TAIL, "Keep which links were added"),
)
"""The trigger functions: their names, what makes them, and what they are for."""


def table_query(target: Target) -> str:
    """The statements that make the trash of a project."""
    names = {
        "trash": sql.identifier(target.schema, TRASH),
        "member": sql.identifier(target.member),
        "admin": sql.identifier(target.admin),
        "owner": sql.identifier(target.owner),
    }
    return sql.text(sql.format(_TABLE, **names))
