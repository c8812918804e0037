"""`manage.py doctor`: looks at every part that the product needs and says how to mend the one that ails."""

from __future__ import annotations

import json
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError as BrokerError

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 16
"""Grants `with inherit false, set true` came with it."""

NEEDED_BYTES = 500 * 1024 * 1024
"""Free space below which PostgreSQL should not be left alone: its write-ahead log alone grows to 1 GB under load."""

TIMEOUT_SECONDS = 3


@dataclass(frozen=True)
class Check:
    """What was found about one part. `fix` says what to do when it is not in order."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def python() -> Check:
    """The interpreter."""
    return Check(
        "Python",
        sys.version_info >= OLDEST_PYTHON,
        sys.version.split()[0],
        f"Install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer and run `make setup` again.",
    )


def disk() -> Check:
    """Free space where data and files are kept."""
    places = (settings.HOME, settings.MEDIA_ROOT, settings.ATTACHMENTS_ROOT)
    folders = {_existing(Path(place)) for place in places}
    free, folder = min((shutil.disk_usage(folder).free, folder) for folder in folders)
    return Check(
        "Disk space",
        free >= NEEDED_BYTES,
        f"{free / 2**30:.1f} GiB free at {folder}",
        "Free some space, or set VIBECRM_HOME, MEDIA_ROOT and ATTACHMENTS_ROOT to folders on another disk.",
    )


def ai() -> Check:
    """Who drafts schemas. Both are in order."""
    if settings.ANTHROPIC_API_KEY:
        return Check("AI", ok=True, detail=f"Claude ({settings.ANTHROPIC_MODEL} at {settings.ANTHROPIC_BASE_URL})")
    return Check("AI", ok=True, detail="the offline generator; set ANTHROPIC_API_KEY to draft with Claude")


def cache() -> Check:
    """Redis: the queue, the cache and the rate limits."""
    fix = "Check REDIS_URL and that the server runs; unset it to use the embedded one."
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        with client:
            version = client.info("server")["redis_version"]
    except (redis.RedisError, ValueError) as error:
        return Check("Redis", ok=False, detail=f"it does not answer: {_first_line(error)}", fix=fix)
    return Check("Redis", ok=True, detail=f"version {version}")


def worker() -> Check:
    """At least one Celery process that takes jobs."""
    fix = "Start one: `make run` does, or `celery -A vibecrm.celery worker --pool threads --beat`."
    try:
        answers = current_app.control.inspect(timeout=TIMEOUT_SECONDS).ping() or {}
    except (OSError, BrokerError) as error:
        return Check("Worker", ok=False, detail=f"it cannot be asked: {_first_line(error)}", fix=fix)
    return Check("Worker", bool(answers), ", ".join(sorted(answers)) or "none answers", fix)


def database() -> Check:
    """Whether PostgreSQL takes our connection, made without the pool so that the reason is its own."""
    try:
        with psycopg.connect(**connection.get_connection_params() | {"connect_timeout": TIMEOUT_SECONDS}):
            pass
    except psycopg.Error as error:
        fix = "Check DATABASE_URL and that the server runs; unset it to use the embedded one."
        return Check("Database", ok=False, detail=_first_line(error), fix=fix)
    return Check("Database", ok=True, detail=f"{connection.settings_dict['NAME']} answers")


def database_version() -> Check:
    """The version of the server."""
    number = connection.cursor().connection.info.server_version
    return Check(
        "PostgreSQL version",
        number // 10_000 >= OLDEST_POSTGRES,
        f"{number // 10_000}.{number % 10_000}",
        f"Use PostgreSQL {OLDEST_POSTGRES} or newer.",
    )


def role_is_bound() -> Check:
    """Row-level security binds neither a superuser nor a role with BYPASSRLS."""
    name, superuser, bypass = _row("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = session_user")
    traits = [trait for trait, has in (("a superuser", superuser), ("BYPASSRLS", bypass)) if has]
    return Check(
        "Role is bound by RLS",
        not traits,
        f"{name} is {' and '.join(traits) or 'an ordinary role'}",
        f"As a superuser: `alter role {name} nosuperuser nobypassrls;`",
    )


def role_may_create_roles() -> Check:
    """Every project gets roles of its own."""
    name, allowed = _row("select rolname, rolcreaterole or rolsuper from pg_roles where rolname = session_user")
    return Check(
        "Role may create roles",
        allowed,
        f"{name} {'has' if allowed else 'lacks'} CREATEROLE",
        f"As a superuser: `alter role {name} createrole;`",
    )


def role_may_create_schemas() -> Check:
    """Every project gets a schema of its own."""
    name, base, allowed = _row(
        "select session_user, current_database(), has_database_privilege(session_user, current_database(), 'CREATE')"
    )
    return Check(
        "Role may create schemas",
        allowed,
        f"{name} {'has' if allowed else 'lacks'} CREATE on {base}",
        f"As a superuser: `alter database {base} owner to {name};`",
    )


def migrations() -> Check:
    """Whether the tables are those of this version of the code."""
    executor = MigrationExecutor(connection)
    missing = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    return Check(
        "Migrations",
        not missing,
        f"{len(missing)} not applied, the first is {missing[0]}" if missing else "all applied",
        "Run `.venv/bin/python manage.py migrate`.",
    )


def forced_security() -> Check:
    """Whether row-level security binds even the owner of the platform's tables."""
    names = [model._meta.db_table for model in apps.get_app_config("core").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = current_schema()::regnamespace "
            "and relname = any(%s) and relrowsecurity and relforcerowsecurity",
            [names],
        )
        open_tables = sorted(set(names) - {name for (name,) in cursor.fetchall()})
    return Check(
        "Row-level security",
        not open_tables,
        f"not forced on {', '.join(open_tables)}" if open_tables else f"forced on {len(names)} tables of the platform",
        "Run `.venv/bin/python manage.py migrate`; if they stay open, `alter table ... force row level security` each.",
    )


PARTS: tuple[tuple[Callable[[], Check], ...], ...] = (
    (python,),
    (disk,),
    (
        database,
        database_version,
        role_is_bound,
        role_may_create_roles,
        role_may_create_schemas,
        migrations,
        forced_security,
    ),
    (cache, worker),
    (ai,),
)
"""The first check of a part says whether the others can be made."""


def examine() -> list[Check]:
    """The checks of every part, those left out that cannot be made because their part does not answer."""
    checks = []
    for first, *others in PARTS:
        checks.append(first())
        if checks[-1].ok:
            checks.extend(check() for check in others)
    return checks


def _row(query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


class Command(BaseCommand):
    """Exits 0 when everything is in order, else 1."""

    help = "Check every part that VibeCRM needs and say what to do about those that fail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds `--json`."""
        parser.add_argument("--json", action="store_true", help="print the checks as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the checks.

        Raises:
            CommandError: when one of them failed.
        """
        checks = examine()
        failed = [check for check in checks if not check.ok]
        if options["json"]:
            shown = [asdict(check) | {"fix": "" if check.ok else check.fix} for check in checks]
            self.stdout.write(json.dumps({"ok": not failed, "checks": shown}, indent=2))
        else:
            for check in checks:
                mark = self.style.SUCCESS("ok  ") if check.ok else self.style.ERROR("FAIL")
                self.stdout.write(f"{mark}  {check.name:<24}  {check.detail}")
                if not check.ok:
                    self.stdout.write(f"      {check.fix}")
        if failed:
            raise CommandError(f"{len(failed)} of {len(checks)} checks failed.")
