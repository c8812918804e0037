"""Members of projects, and what each role may do in the platform's own tables.

`auth.projects_as` runs with the rights of the service role, because the policies of the very tables that it reads ask
it. Its search path is empty, all that it takes is the name of a role, and only the role of users may call it. It is in
PL/pgSQL because that keeps its plans for a session. Conditions say first what needs no function: who opens a project of
their own costs PostgreSQL what it did before there were members.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core import sql
from core.policies import (
    ADMINS_PROJECT,
    EDITORS_PROJECT,
    OWN_PROJECT,
    OWN_ROW,
    OWNERS_PROJECT,
    platform_policies,
    policies_by_role,
)
from core.tenancy import platform_role

_FUNCTIONS = """
create function auth.projects_as(lowest text) returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
declare
    me constant uuid := auth.uid();
begin
    return array(
        select id from public.core_project where owner_id = me
        union all
        select project_id from public.core_projectmember
        where user_id = me
        and (role = 'admin' or (role = 'editor' and lowest in ('editor', 'viewer')) or lowest = 'viewer')
    );
end
$$;
revoke execute on function auth.projects_as(text) from public;
grant execute on function auth.projects_as(text) to {user}, {service};
grant create on schema auth to {service};
alter function auth.projects_as(text) owner to {service};
revoke create on schema auth from {service};
create or replace function auth.my_projects() returns uuid[] language sql stable set search_path = '' as $$
    select auth.projects_as('viewer')
$$;
"""

_UNDO_FUNCTIONS = """
create or replace function auth.my_projects() returns uuid[] language sql stable set search_path = '' as $$
    select coalesce(array_agg(id), '{{}}') from public.core_project
$$;
drop function auth.projects_as(text);
"""

_PROJECTS = """
drop policy members on core_project;
create policy members_see on core_project for select to {user} using ({owner} or {mine});
create policy owner_makes on core_project for insert to {user} with check ({owner});
create policy admins_change on core_project for update to {user}
    using ({owner} or (deleted_at is null and {administered}))
    with check ({owner} or (deleted_at is null and {administered}));
create policy owner_removes on core_project for delete to {user} using ({owner});
revoke update on core_project from {user};
grant update (name, description, updated_at, deleted_at) on core_project to {user};
"""

_UNDO_PROJECTS = """
grant update on core_project to {user};
drop policy members_see on core_project;
drop policy owner_makes on core_project;
drop policy admins_change on core_project;
drop policy owner_removes on core_project;
create policy members on core_project to {user} using ({owner}) with check ({owner});
"""

_MEMBERS = """
drop policy members on core_projectmember;
create policy members_see on core_projectmember for select to {user} using (user_id = {me} or {own_project});
create policy admins_add on core_projectmember for insert to {user} with check ({admins_project} and added_by_id = {me});
create policy admins_change on core_projectmember for update to {user}
    using ({admins_project}) with check ({admins_project});
create policy admins_remove on core_projectmember for delete to {user} using ({admins_project} or user_id = {me});
revoke update on core_projectmember from {user};
grant update (role) on core_projectmember to {user};
"""

_UNDO_MEMBERS = """
grant update on core_projectmember to {user};
drop policy members_see on core_projectmember;
drop policy admins_add on core_projectmember;
drop policy admins_change on core_projectmember;
drop policy admins_remove on core_projectmember;
create policy members on core_projectmember to {user} using ({own_project}) with check ({own_project});
"""

_DECISIONS = """
drop policy members on core_decisiontrace;
create policy members_see on core_decisiontrace for select to {user} using (user_id = {me} or {own_project});
create policy admins_decide on core_decisiontrace for insert to {user}
    with check (user_id = {me} and (project_id is null or {admins_project}));
create policy admins_change on core_decisiontrace for update to {user}
    using ((user_id = {me} and project_id is null) or {admins_project})
    with check ((user_id = {me} and project_id is null) or {admins_project});
create policy admins_remove on core_decisiontrace for delete to {user}
    using ((user_id = {me} and project_id is null) or {admins_project});
"""

_UNDO_DECISIONS = """
drop policy members_see on core_decisiontrace;
drop policy admins_decide on core_decisiontrace;
drop policy admins_change on core_decisiontrace;
drop policy admins_remove on core_decisiontrace;
create policy members on core_decisiontrace to {user} using ({own_row}) with check ({own_row});
"""

_LOCKS = "alter policy holder_takes on core_schemalock with check (holder_id = {me} and {admins_project})"
_UNDO_LOCKS = "alter policy holder_takes on core_schemalock with check (holder_id = {me} and {own_project})"


def _run(editor, template):
    parts = {
        **{kind: sql.identifier(platform_role(kind)) for kind in ("user", "service")},
        "me": sql.SQL("(select auth.uid())"),
        "owner": sql.SQL("owner_id = (select auth.uid())"),
        "mine": sql.SQL("id = any((select auth.my_projects())::uuid[])"),
        "administered": sql.SQL("id = any((select auth.projects_as('admin'))::uuid[])"),
        "own_project": sql.SQL(OWN_PROJECT),
        "admins_project": sql.SQL(ADMINS_PROJECT),
        "own_row": sql.SQL(OWN_ROW),
    }
    editor.execute(sql.text(sql.format(template, **parts)), params=None)


def _statements(forwards, backwards):
    return migrations.RunPython(
        lambda apps, editor: _run(editor, forwards), lambda apps, editor: _run(editor, backwards)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_schema_lock"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProjectMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("admin", "Admin"), ("editor", "Editor"), ("viewer", "Viewer")], max_length=6
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="core.project"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("created_at",),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "project"), name="projectmember_once"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["admin", "editor", "viewer"])), name="projectmember_role"
                    ),
                ],
            },
        ),
        _statements(_FUNCTIONS, _UNDO_FUNCTIONS),
        platform_policies("core_projectmember", OWN_PROJECT),
        _statements(_MEMBERS, _UNDO_MEMBERS),
        _statements(_PROJECTS, _UNDO_PROJECTS),
        _statements(_DECISIONS, _UNDO_DECISIONS),
        _statements(_LOCKS, _UNDO_LOCKS),
        policies_by_role("core_placement", read=OWN_PROJECT, write=OWNERS_PROJECT),
        policies_by_role("core_vibeconfig", read=OWN_PROJECT, write=ADMINS_PROJECT),
        policies_by_role("core_storedfile", read=OWN_PROJECT, write=EDITORS_PROJECT),
    ]
