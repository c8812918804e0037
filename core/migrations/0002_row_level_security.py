"""Roles, the `auth` functions and forced row-level security of the platform's tables."""

from django.db import migrations

from core import sql
from core.policies import OWN_PROJECT, OWN_ROW, account_policies, platform_policies
from core.roles import ensure_roles
from core.tenancy import platform_role

_FUNCTIONS = """
create schema if not exists auth;
grant usage on schema auth to public;

create or replace function auth.jwt() returns jsonb language sql stable parallel safe set search_path = '' as $$
    select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb
$$;
create or replace function auth.uid() returns uuid language sql stable parallel safe set search_path = '' as $$
    select nullif(auth.jwt() ->> 'sub', '')::uuid
$$;
create or replace function auth.role() returns text language sql stable parallel safe set search_path = '' as $$
    select auth.jwt() ->> 'role'
$$;
create or replace function auth.my_projects() returns uuid[] language sql stable set search_path = '' as $$
    select coalesce(array_agg(id), '{}') from public.core_project
$$;
create or replace function auth.outside_a_door() returns boolean language plpgsql stable set search_path = '' as $$
begin
    raise insufficient_privilege using message = 'platform rows are reached through a door of core.tenancy only';
end
$$;
"""

_UNDO_FUNCTIONS = """
drop function auth.outside_a_door();
drop function auth.my_projects();
"""


def create_roles(apps, editor):
    """The roles belong to the whole server, so that another database of ours may have made them already."""
    with editor.connection.cursor() as cursor:
        ensure_roles(cursor, platform_role("user"), platform_role("service"))


def grant_to_service(apps, editor):
    """Staff pages and workers reach every platform table, those of later migrations included."""
    template = """
        grant usage on schema public to {user}, {service};
        grant select, insert, update, delete on all tables in schema public to {service};
        grant usage on all sequences in schema public to {service};
        alter default privileges in schema public grant select, insert, update, delete on tables to {service};
        alter default privileges in schema public grant usage on sequences to {service};
    """
    parts = {kind: sql.identifier(platform_role(kind)) for kind in ("user", "service")}
    editor.execute(sql.text(sql.format(template, **parts)), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("account", "0001_initial"),
        ("admin", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(create_roles, migrations.RunPython.noop),
        migrations.RunSQL(_FUNCTIONS, _UNDO_FUNCTIONS),
        migrations.RunPython(grant_to_service, migrations.RunPython.noop),
        account_policies("core_user"),
        platform_policies("core_project", "owner_id = (select auth.uid())"),
        platform_policies("core_placement", OWN_PROJECT),
        platform_policies("core_vibeconfig", OWN_PROJECT),
        platform_policies("core_decisiontrace", OWN_ROW),
        platform_policies("core_schemalock", OWN_PROJECT),
        platform_policies("core_job", OWN_ROW),
    ]
