"""The rules of the house that a linter does not know. Each failure says what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("vibecrm", "core", "schemas", "provisioning", "dynamic_crud", "exporter")
RUNS_SQL = {"execute", "executemany", "raw", "RawSQL", "RunSQL", "extra"}
DROPS_VALUES = re.compile(r"\bdrop\s+(table|column)\b", re.IGNORECASE)
ENTERS_A_ROLE = ("set_config('role'", "set role", "set local role", "set session authorization")


def modules(*, without: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.Module, str]]:
    """Every module of the product as (path, syntax tree, source)."""
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if path not in without and "/templates/" not in path:
                source = file.read_text()
                yield path, ast.parse(source), source


def name_of(node: ast.expr) -> str:
    """The last name of `a.b.c` or `c`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def built_text(node: ast.expr) -> bool:
    """Whether the expression puts text together: an f-string, `%`, `+` or `.format()`."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in (node.left, node.right))
    is_format = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return is_format and isinstance(node.func.value, ast.Constant)  # type: ignore[union-attr]


def breaches_of_quoting(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if name_of(node.func) in RUNS_SQL and node.args and built_text(node.args[0]):
            yield node.lineno
        if isinstance(node.func, ast.Attribute) and name_of(node.func) in {"Identifier", "Literal"}:
            yield node.lineno


def test_only_core_sql_builds_sql() -> None:
    breaches = [
        f"{path}:{line}" for path, tree, _ in modules(without=("core/sql.py",)) for line in breaches_of_quoting(tree)
    ]
    assert not breaches, (
        "SQL text, identifiers and literals are built by core/sql.py alone: use its identifier(), literal() and "
        f"format() instead of an f-string or psycopg's classes in {', '.join(breaches)}."
    )


def test_only_core_tenancy_enters_a_role() -> None:
    breaches = [
        path
        for path, _, source in modules(without=("core/tenancy.py",))
        if any(phrase in " ".join(source.lower().split()) for phrase in ENTERS_A_ROLE)
    ]
    assert not breaches, (
        "A project's data are opened by core/tenancy.py alone: use acting_as, as_platform, open_project or "
        f"become_platform instead of setting a role in {', '.join(breaches)}."
    )


def test_only_retention_drops_tables_and_columns() -> None:
    breaches = [
        path for path, _, source in modules(without=("provisioning/retention.py",)) if DROPS_VALUES.search(source)
    ]
    assert not breaches, (
        "What leaves the application goes to the archive, from which it can come back; provisioning/retention.py alone "
        f"ends that. Rename instead of dropping in {', '.join(breaches)}."
    )
    assert DROPS_VALUES.search((ROOT / "provisioning/retention.py").read_text())


def test_only_core_tasks_defines_celery_tasks() -> None:
    breaches = [
        path
        for path, tree, _ in modules(without=("core/tasks.py",))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "celery" and node.names[0].name == "shared_task"
    ]
    assert not breaches, (
        "Long work is a kind of job, which carries its user's rights and survives a lost worker: register a function "
        f"with core.jobs.job_kind instead of a Celery task in {', '.join(breaches)}."
    )


def test_nothing_listens_to_signals() -> None:
    breaches = [
        path
        for path, tree, _ in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models.signals")
    ]
    assert not breaches, f"Call what has to happen where it happens; no signals: {', '.join(breaches)}."


@pytest.mark.parametrize(
    "source",
    [
        'cursor.execute(f"select * from {name}")',
        'cursor.execute("select * from " + name)',
        'cursor.execute("select * from %s" % name)',
        'cursor.execute("select * from {}".format(name))',
        "sql.Identifier(name)",
        "psycopg.sql.Literal(value)",
    ],
)
def test_the_rule_of_quoting_sees_a_breach(source: str) -> None:
    assert list(breaches_of_quoting(ast.parse(source))) == [1]
