"""A project of which nothing stays: versions are applied to it without a worker, and looked at from all sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core import sql
from core.errors import InvalidSchema
from core.models import Project, User
from core.tenancy import Door, open_project
from provisioning import planner
from provisioning.archive import NOTHING, Archive, archive_of, archived_names
from provisioning.introspect import catalog
from provisioning.planning import _relaxed
from provisioning.preflight import Finding, findings
from provisioning.statements import Plan
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.provisioning.differential.model import Model
from tests.provisioning.differential.probing import probe
from tests.provisioning.differential.rows import UNKNOWN
from tests.provisioning.differential.session import Session, read
from tests.provisioning.differential.values import Calculator
from tests.provisioning.differential.writing import Writer

Dump = dict[str, dict[UUID, tuple[Any, dict[str, Any]]]]
"""Rows by the id of their table and their own: what every row has, and its values by the ids of their columns."""


class RolledBack(Exception):
    """Leaves a door without keeping what was done inside."""


class Refused(Exception):
    """A version was not applied, as the plan or the planner said beforehand.

    Args:
        code: why.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def opened(project: Project, user: User, random: Random) -> Iterator[Stage]:
    """An empty project, with everything undone at the end."""
    try:
        with open_project(project, user.pk, "owner") as door:
            yield Stage(door, project, random)
            raise RolledBack
    except RolledBack:
        pass


class Stage:
    """An open project with a model of its rows.

    Args:
        door: its door, as its owner.
        project: the project.
        random: where chance comes from.
    """

    def __init__(self, door: Door, project: Project, random: Random) -> None:
        self.session = Session(door, project)
        calculator = Calculator(self.session)
        self.model = Model(calculator.convert, calculator.default, calculator.meaning)
        self.writer = Writer(self.session, self.model, random)
        self.active: Schema | None = None
        self.versions: dict[int, Schema] = {}
        self.catalogs: list[tuple[Schema, dict[str, Any]]] = []
        self.refusals: Counter[str] = Counter()
        self.start = self.session.savepoint()

    @property
    def number(self) -> int:
        return len(self.versions)

    def plan(self, schema: Schema, back_to: int | None) -> tuple[Plan, tuple[Finding, ...]]:
        """The plan to a version, with what it would meet in the rows."""
        number, archive = self.number + 1, self.archive()
        plan = planner.plan(self.active, schema, self.session.target, number, archive, back_to=back_to)
        return plan, findings(self.session.door, plan)

    def archive(self) -> Archive:
        if self.active is None:
            return NOTHING
        return archive_of(archived_names(self.session.door, self.session.target), self.active, self.versions.get)

    def apply(self, schema: Schema, *, rolling_back: bool = False) -> None:
        """Makes a version the active one, and compares the rows with the model.

        Args:
            schema: the version.
            rolling_back: whether it was there before, and is gone back to.

        Raises:
            Refused: when the plan says that rows do not fit, which is tried, or when there is no way.
        """
        back_to = max(number for number, known in self.versions.items() if known == schema) if rolling_back else None
        self._apply(schema, back_to)

    def _apply(self, schema: Schema, back_to: int | None) -> None:
        try:
            plan, found = self.plan(schema, back_to)
        except InvalidSchema as error:
            raise Refused(error.code) from error
        failing = [finding for finding in found if finding.fails]
        if failing:
            self._must_fail(plan, failing)
            gaps = {
                (finding.risk.table, finding.risk.column): 1
                for finding in failing
                if finding.risk.code in ("required_may_fail", "relation_may_fail")
            }
            relaxed = replace(schema, tables=tuple(_relaxed(table, gaps) for table in schema))
            if back_to is not None and relaxed != schema:
                self.refusals["relaxed"] += 1
                self._apply(relaxed, back_to)
                return
            raise Refused(failing[0].risk.code)
        self._run_plan(plan, found)
        self.active = schema
        self.versions[self.number + 1] = schema
        self.model.advance(as_stored(schema), back_to)
        self.catalogs.append((schema, catalog(self.session.door, self.session.target)))
        self.compare_rows()

    def _run_plan(self, plan: Plan, found: tuple[Finding, ...]) -> None:
        try:
            self.session.run(statement.sql for statement in plan.statements)
        except DatabaseError as error:
            told = [f"{finding.risk.code} {finding.count}" for finding in found]
            raise AssertionError(f"The plan fails unannounced ({told}): {error}\n{plan.sql}") from error

    def _must_fail(self, plan: Plan, failing: list[Finding]) -> None:
        savepoint = self.session.savepoint()
        try:
            self.session.run([*(statement.sql for statement in plan.statements), "set constraints all immediate"])
        except DatabaseError:
            self.session.back_to(savepoint)
            self.session.lock_rows()
            return
        said = [(finding.risk.code, finding.count, finding.risk.rows) for finding in failing]
        raise AssertionError(f"Nothing fails, though the plan says so: {said}\n{plan.sql}")

    def check_catalogs(self) -> None:
        """Every version has what provisioning it at once makes."""
        (schema, found), *later = self.catalogs
        first = {schema.content_hash: found}
        for schema, found in later:
            at_once = first.get(schema.content_hash)
            if at_once is None:
                self.session.back_to(self.start)
                plan = planner.plan(None, schema, self.session.target)
                self.session.run(statement.sql for statement in plan.statements)
                at_once = first[schema.content_hash] = catalog(self.session.door, self.session.target)
            assert found == at_once, differences(found, at_once)

    def dump(self) -> Dump:
        """All rows in sight."""
        found: Dump = {}
        for table in as_stored(self.active) if self.active else ():
            columns = [
                sql.format(", {column}", column=read(column, sql.identifier(column.name))) for column in table.columns
            ]
            statement = sql.format(
                "select id, user_id, created_at, updated_at{columns} from {table}",
                columns=sql.join("", columns),
                table=self.session.target.table(table.name),
            )
            ids = [column.id for column in table.columns]
            found[table.id] = {
                line[0]: (line[1:4], dict(zip(ids, line[4:], strict=True)))
                for line in self.session.query(sql.text(statement))
            }
        return found

    def compare_rows(self) -> None:
        """The rows are those of the model, which learns what PostgreSQL chose."""
        dump = self.dump()
        assert dump.keys() == self.model.tables.keys()
        for table_id, rows in self.model.tables.items():
            there = dump[table_id]
            assert there.keys() == rows.rows.keys(), f"Other rows in {rows.table.name}"
            for row, (facts, values) in there.items():
                known = rows.rows[row]
                expected = (known.user_id, known.created_at, known.updated_at)
                assert facts == expected, f"{rows.table.name}: {facts} instead of {expected}"
                for slot in rows.slots.values():
                    value, wanted = values[slot.column.id], slot.values.get(row)
                    if wanted is UNKNOWN and value is not None:
                        rows.learn(slot.column.id, row, value)
                        continue
                    place = f"{rows.table.name}.{slot.column.name} ({slot.column.type})"
                    assert value == wanted, f"{place} has {value!r} instead of {wanted!r}"

    def write(self, most: int, share_empty: float) -> None:
        """Inserts, changes and deletes rows at random; arguments as `Writer.write`."""
        self.writer.write(most, share_empty)

    def probe(self) -> None:
        """Tries what a member may do; see `probing.probe`."""
        probe(self.session, self.model)


def differences(found: Any, wanted: Any, path: str = "$") -> str:
    """Where two catalogs differ, a line each."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = sorted(found.keys() | wanted.keys())
        lines = (differences(found.get(key), wanted.get(key), f"{path}.{key}") for key in keys)
        return "\n".join(line for line in lines if line)
    return "" if found == wanted else f"{path}: {found} instead of {wanted}"
