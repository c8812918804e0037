"""Row-level security of the platform's own tables, as migration operations.

Three roles meet a platform table: the login role of the web and worker processes (the table's owner), the `_user`
role that `tenancy.acting_as` enters, and the `_service` role of `tenancy.as_platform`. Security is forced, so that it
binds the owner as well; the owner's policy raises, which turns a forgotten door into an error instead of an empty
page or, worse, everyone's rows. Foreign-key checks are exempt from a forced policy, so they keep working.
"""

from __future__ import annotations

from typing import LiteralString

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core import sql
from core.tenancy import platform_role

OWN_PROJECT: LiteralString = "project_id = any((select auth.my_projects())::uuid[])"
SEEN_PROJECT: LiteralString = "exists (select from core_project where core_project.id = project_id)"
EDITORS_PROJECT: LiteralString = "project_id = any((select auth.projects_as('editor'))::uuid[])"
ADMINS_PROJECT: LiteralString = "project_id = any((select auth.projects_as('admin'))::uuid[])"
OWNERS_PROJECT: LiteralString = "project_id in (select id from core_project where owner_id = (select auth.uid()))"
OWN_ROW: LiteralString = f"user_id = (select auth.uid()) and (project_id is null or {OWN_PROJECT})"

_POLICIES: LiteralString = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy members on {table} to {user} using ({own}) with check ({own});
create policy platform on {table} to {service} using (true) with check (true);
create policy outside_a_door on {table} to session_user using ((select auth.outside_a_door()));
grant select, insert, update, delete on {table} to {user}, {service};
"""

_ACCOUNTS: LiteralString = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy themselves on {table} for select to {user} using (id = (select auth.uid()));
create policy platform on {table} to {service} using (true) with check (true);
create policy sign_in on {table} to session_user using (true) with check (true);
grant select on {table} to {user};
grant select, insert, update, delete on {table} to {service};
"""

_UNDO_ACCOUNTS: LiteralString = """
revoke all on {table} from {user}, {service};
drop policy themselves on {table};
drop policy platform on {table};
drop policy sign_in on {table};
alter table {table} no force row level security;
alter table {table} disable row level security;
"""

_UNDO: LiteralString = """
revoke all on {table} from {user}, {service};
drop policy members on {table};
drop policy platform on {table};
drop policy outside_a_door on {table};
alter table {table} no force row level security;
alter table {table} disable row level security;
"""


_BY_ROLE: LiteralString = """
drop policy members on {table};
create policy members_read on {table} for select to {user} using ({read});
create policy members_add on {table} for insert to {user} with check ({write});
create policy members_change on {table} for update to {user} using ({write}) with check ({write});
create policy members_remove on {table} for delete to {user} using ({write});
"""

_UNDO_BY_ROLE: LiteralString = """
drop policy members_read on {table};
drop policy members_add on {table};
drop policy members_change on {table};
drop policy members_remove on {table};
create policy members on {table} to {user} using ({own}) with check ({own});
"""


def platform_policies(table: str, own: LiteralString) -> migrations.RunPython:
    """Forced row-level security for a platform table.

    Args:
        table: the table's name.
        own: the SQL condition, a literal of our own code, that says which rows a user may see and write.
    """
    return _operation(_POLICIES, _UNDO, table, own)


def policies_by_role(table: str, *, read: LiteralString, write: LiteralString) -> migrations.RunPython:
    """Takes the place of the one policy of `platform_policies`: fewer members write than read.

    Args:
        table: the table's name; `platform_policies` has been applied to it with `OWN_PROJECT`.
        read: the condition for the rows that a user sees.
        write: the condition for the rows that a user adds, changes and deletes, before and after.
    """
    return _operation(_BY_ROLE, _UNDO_BY_ROLE, table, OWN_PROJECT, read=read, write=write)


def account_policies(table: str) -> migrations.RunPython:
    """The same for the table of accounts, which signing in has to read before anybody is known."""
    return _operation(_ACCOUNTS, _UNDO_ACCOUNTS, table, "true")


def _operation(
    forwards: LiteralString, backwards: LiteralString, table: str, own: LiteralString, **conditions: LiteralString
) -> migrations.RunPython:
    def apply(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        _run(editor, forwards, table, own=own, **conditions)

    def undo(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        _run(editor, backwards, table, own=own, **conditions)

    return migrations.RunPython(apply, undo)


def _run(editor: BaseDatabaseSchemaEditor, template: LiteralString, table: str, **conditions: LiteralString) -> None:
    parts = {
        "table": sql.identifier(table),
        "user": sql.identifier(platform_role("user")),
        "service": sql.identifier(platform_role("service")),
        **{name: sql.SQL(condition) for name, condition in conditions.items()},
    }
    editor.execute(sql.text(sql.format(template, **parts)), params=None)
