"""The differential test finds what it is there for: each fault, planted into provisioning, fails some of its cases."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.db import DatabaseError

from core.models import Project, User
from provisioning import planner, project_database, rls
from provisioning.archive import Archive
from provisioning.operations import archive_column, filling, rename_column, rename_table
from provisioning.operations.column_queries import optional_query, required_query
from provisioning.operations.numbers import archive_not_null_queries
from provisioning.operations.rename_column import rename_column_query
from provisioning.parts import relations
from provisioning.parts.base import Part
from provisioning.parts.rights import rights
from provisioning.phases import Phase
from provisioning.restoring import Restored, restored
from schemas.document import Schema
from tests.provisioning.differential import cases
from tests.provisioning.differential.mutations import KINDS

MOST_CASES: Final = 60
"""How many cases of the right kinds may pass before the fault has to be found."""

Plant = Callable[[pytest.MonkeyPatch], None]


def everywhere(monkeypatch: pytest.MonkeyPatch, original: Any, fault: Any) -> None:
    """Puts a fault in the place of a function in every module of provisioning that has it."""
    name, found = original.__name__, 0
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("provisioning.") and getattr(module, name, None) is original:
            monkeypatch.setattr(module, name, fault)
            found += 1
    assert found, f"No module has {name}."


def forget_a_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    original = rls.policies
    everywhere(
        monkeypatch, original, lambda *where: (part for part in original(*where) if part.name != "member_select")
    )


def let_policies_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table whose access changes keeps its policies."""
    original = rls.policies
    everywhere(monkeypatch, original, lambda *where: (replace(part, key="") for part in original(*where)))


def forget_to_turn_on_row_security(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rls, "enable", lambda *_: "select 1")


def drop_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """DROP COLUMN in the place of the archive."""

    def query(target: Any, table: str, old: str, new: str) -> str:
        if new.startswith("_x_"):
            return f'alter table "{target.schema}"."{table}" drop column "{old}"'
        return rename_column_query(target, table, old, new)

    monkeypatch.setattr(archive_column, "rename_column_query", query)


def rename_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are not freed before others take them."""
    tables = SimpleNamespace(RENAME_TABLES_AWAY=Phase.RENAME_TABLES, RENAME_TABLES=Phase.RENAME_TABLES)
    columns = SimpleNamespace(RENAME_COLUMNS_AWAY=Phase.RENAME_COLUMNS, RENAME_COLUMNS=Phase.RENAME_COLUMNS)
    monkeypatch.setattr(rename_table, "Phase", tables)
    monkeypatch.setattr(rename_column, "Phase", columns)


def ignore_on_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    original = relations._foreign_key

    def fault(*where: Any) -> Part:
        part = original(*where)
        return replace(part, key=part.key[:2])  # type: ignore[index]

    monkeypatch.setattr(relations, "_foreign_key", fault)


def leave_not_null(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hidden column stays required."""
    assert archive_column.optional_query is optional_query
    monkeypatch.setattr(archive_column, "optional_query", lambda *_: "select 1")


def leave_the_name_of_not_null(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL names it."""

    def fault(table: Any, column: Any, target: Any) -> str:
        return required_query(table, column, replace(target, postgres=17))

    everywhere(monkeypatch, required_query, fault)


def leave_the_names_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hidden number keeps the name of its NOT NULL."""
    everywhere(monkeypatch, archive_not_null_queries, lambda *_: iter(()))


def leave_columns_in_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back is made anew, without its values."""
    import provisioning.restoring

    monkeypatch.setattr(provisioning.restoring, "_returning", lambda *_: iter(()))


def forget_what_was_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the way back from another type values are converted, not taken from the archive."""
    from provisioning.conversions import earlier

    everywhere(monkeypatch, earlier, lambda *_: None)


def leave_links_in_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(live: Schema, after: Schema, archive: Archive) -> Restored:
        tables = {key: value for key, value in archive.tables.items() if not key.startswith("j_")}
        return restored(live, after, replace(archive, tables=tables))

    monkeypatch.setattr(planner, "restored", fault)


def let_rights_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that gets or loses a number keeps its rights."""

    def fault(*where: Any) -> Iterator[Part]:
        yield from (replace(part, key=()) for part in rights(*where))

    everywhere(monkeypatch, rights, fault)


def leave_what_a_default_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere(monkeypatch, filling.empty_steps, lambda *_: iter(()))


def forget_what_hangs_on_converted_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes, unique constraints and checks stay with the column in the archive."""
    monkeypatch.setattr(planner, "_converted", lambda *_: set())


FAULTS: Final[dict[Plant, tuple[str, ...]]] = {
    forget_a_policy: ("add_column",),
    let_policies_be: ("change_access",),
    forget_to_turn_on_row_security: ("add_column",),
    drop_columns: ("drop_column",),
    rename_at_once: ("swap_tables", "swap_columns"),
    ignore_on_delete: ("change_on_delete",),
    leave_not_null: ("drop_column",),
    leave_the_name_of_not_null: ("require",),
    leave_the_names_of_numbers: ("add_number", "drop_number"),
    leave_columns_in_the_archive: ("drop_column", "bring_back_column"),
    forget_what_was_converted: ("change_type_with_loss",),
    leave_links_in_the_archive: ("drop_links", "add_links"),
    let_rights_be: ("add_number",),
    leave_what_a_default_filled: ("require_with_default",),
    forget_what_hangs_on_converted_columns: ("change_type_without_loss",),
}
"""Each fault with the kinds of change that should show it."""


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_fault_is_found(user: User, project: Project, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    project_database.ensure(project, user.pk)
    plant(monkeypatch)
    with pytest.raises((AssertionError, DatabaseError)):
        run(project, user, *FAULTS[plant])


def run(project: Project, user: User, *kinds: str) -> None:
    """Runs cases in which one of the kinds is forced."""
    for seed in seeds(*kinds):
        cases.run(project, user, seed, cases.Tally())


def seeds(*kinds: str) -> list[int]:
    """Seeds of cases in which one of the kinds is forced."""
    turns = [turn for turn, kind in enumerate(KINDS) if kind in kinds]
    return [seed for seed in range(1_500) if seed % len(KINDS) in turns][:MOST_CASES]
