"""A project of which nothing stays: versions are applied to it without a worker, and looked at from all sides."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction

from core import sql
from core.errors import InvalidSchema
from core.models import Project, User
from core.tenancy import Door, Rehearsal, open_project
from provisioning import planner
from provisioning.archive import NOTHING, Archive, archive_of, archived_names
from provisioning.introspect import catalog
from provisioning.planning import _relaxed
from provisioning.preflight import Finding, findings
from provisioning.project_database import target_of
from provisioning.statements import Plan
from schemas.column_types import column_types, conversion
from schemas.document import Column, Schema, Table
from schemas.junctions import JUNCTION_ACCESS, SOURCE, as_stored
from tests.provisioning.differential import documents
from tests.provisioning.differential.model import UNKNOWN, Model, Row, Rows, Values

MEMBERS: Final = (UUID(int=1), UUID(int=2))
"""Two invented members, to whom the rows belong."""
_LONG_AGO: Final = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

_LINTS: Final = """
select 'invalid index ' || indexrelid::regclass from pg_index join pg_class on pg_class.oid = indexrelid
where relnamespace = to_regnamespace(%(schema)s) and not indisvalid
union all select 'unchecked ' || conname from pg_constraint
where connamespace = to_regnamespace(%(schema)s) and not convalidated
union all select relname || ' belongs to ' || relowner::regrole from pg_class
where relnamespace = to_regnamespace(%(schema)s) and relowner <> %(owner)s::regrole
union all select proname || ' belongs to ' || proowner::regrole from pg_proc
where pronamespace = to_regnamespace(%(schema)s) and proowner <> %(owner)s::regrole
union all select tgname || ' is off' from pg_trigger join pg_class on pg_class.oid = tgrelid
where relnamespace = to_regnamespace(%(schema)s) and tgenabled <> 'O'
"""

_REFUSED: Final = """
begin {statement}; raise exception 'leak: %s', {quoted};
exception when insufficient_privilege then null; end;
"""
_ALLOWED: Final = "begin {statement}; exception when not_null_violation or unique_violation then null; end;"


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
        self.door = door
        self.project = project
        self.random = random
        self.target = target_of(project)
        self.model = Model(self.convert, self.default, self.meaning)
        self.active: Schema | None = None
        self.versions: dict[int, Schema] = {}
        self.catalogs: list[tuple[Schema, dict[str, Any]]] = []
        self.refusals: Counter[str] = Counter()
        self.ages = 0
        (self.now,) = self.query("select now()")[0]
        self.start = self._savepoint()

    # SQL

    def query(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self.door.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def run(self, statements: Iterable[str]) -> None:
        """Runs statements in one round trip; where one fails, the error says which."""
        self.query(";\n".join(statements))

    def _savepoint(self) -> str:
        return transaction.savepoint(using=self.door.alias)

    def _back_to(self, savepoint: str) -> None:
        transaction.savepoint_rollback(savepoint, using=self.door.alias)

    # Versions

    @property
    def number(self) -> int:
        return len(self.versions)

    def plan(self, schema: Schema, back_to: int | None) -> tuple[Plan, tuple[Finding, ...]]:
        """The plan to a version, with what it would meet in the rows."""
        number, archive = self.number + 1, self.archive()
        plan = planner.plan(self.active, schema, self.target, number, archive, back_to=back_to)
        return plan, findings(self.door, plan)

    def archive(self) -> Archive:
        if self.active is None:
            return NOTHING
        return archive_of(archived_names(self.door, self.target), self.active, self.versions.get)

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
        self.catalogs.append((schema, catalog(self.door, self.target)))
        self.compare_rows()

    def _run_plan(self, plan: Plan, found: tuple[Finding, ...]) -> None:
        try:
            self.run(statement.sql for statement in plan.statements)
        except DatabaseError as error:
            told = [f"{finding.risk.code} {finding.count}" for finding in found]
            raise AssertionError(f"The plan fails unannounced ({told}): {error}\n{plan.sql}") from error

    def _must_fail(self, plan: Plan, failing: list[Finding]) -> None:
        savepoint = self._savepoint()
        try:
            self.run([*(statement.sql for statement in plan.statements), "set constraints all immediate"])
        except DatabaseError:
            self._back_to(savepoint)
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
                self._back_to(self.start)
                plan = planner.plan(None, schema, self.target)
                self.run(statement.sql for statement in plan.statements)
                at_once = first[schema.content_hash] = catalog(self.door, self.target)
            assert found == at_once, differences(found, at_once)

    # Values

    def convert(self, before: Column, after: Column, values: Mapping[UUID, Any]) -> Values:
        if not values:
            return {}
        old = replace(before, name="old_value")
        found = conversion(old, after)
        assert found is not None, (before, after)
        kind = column_types.get(before.type).sql_type(before)
        lines = [
            sql.format("({row}, {value})", row=literal(row, "uuid"), value=literal(value, kind))
            for row, value in values.items()
        ]
        statement = sql.format(
            # Not folded into the query, where PostgreSQL would work out the parts of a CASE beforehand.
            "with given (id, old_value) as materialized (values {lines}) select id, {value} from given",
            value=_read(after, found.value),
            lines=sql.join(", ", lines),
        )
        return dict(self.query(sql.text(statement)))

    def meaning(self, column: Column, values: Mapping[UUID, Any]) -> Values:
        """Values as JSON has them, numbers without the zeros at their end."""
        if not values:
            return {}
        kind = column_types.get(column.type).sql_type(column)
        lines = [
            sql.format("({row}, to_jsonb({value}))", row=literal(row, "uuid"), value=literal(value, kind))
            for row, value in values.items()
        ]
        query = (
            "select id, case jsonb_typeof(value) when 'number' then trim_scale(value::numeric)::text "
            "else value::text end from (values {lines}) as given (id, value)"
        )
        return dict(self.query(sql.text(sql.format(query, lines=sql.join(", ", lines)))))

    def default(self, column: Column) -> Any:
        kind = column_types.get(column.type)
        value = kind.default_sql(column)
        if value is None:
            return None
        if column.default == "uuid" and kind.key == "uuid":
            return UNKNOWN
        value = sql.format("({value})::{kind}", value=value, kind=sql.type_name(kind.sql_type(column)))
        ((found,),) = self.query(sql.text(sql.format("select {value}", value=_read(column, value))))
        return found

    def any_value(self, column: Column) -> Any:
        """SQL of a value that fits a column; None where there is none."""
        kind = column_types.get(column.type)
        if column.is_reference:
            target = next(rows for rows in self.model.tables.values() if rows.table.name == column.config["to_table"])
            return literal(self.random.choice(list(target.rows)), "uuid") if target.rows else None
        found = documents.values(column)
        if not found:
            return None
        value = kind.value(column, self.random.choice(found))
        if kind.sql_type(column) == "jsonb":
            value = kind.text(column, value)
        return literal(value, kind.sql_type(column))

    # Rows

    def dump(self) -> Dump:
        """All rows in sight."""
        found: Dump = {}
        for table in as_stored(self.active) if self.active else ():
            columns = [
                sql.format(", {column}", column=_read(column, sql.identifier(column.name))) for column in table.columns
            ]
            statement = sql.format(
                "select id, user_id, created_at, updated_at{columns} from {table}",
                columns=sql.join("", columns),
                table=self.target.table(table.name),
            )
            ids = [column.id for column in table.columns]
            found[table.id] = {
                line[0]: (line[1:4], dict(zip(ids, line[4:], strict=True))) for line in self.query(sql.text(statement))
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
        """Inserts, changes and deletes rows at random.

        Args:
            most: how many rows a table gets at most.
            share_empty: how many of the values that may be empty are.
        """
        for rows in self.model.tables.values():
            if rows.rows and self.random.random() < 0.4:
                self._delete(rows)
        for rows in self.model.tables.values():
            self._update(rows, share_empty)
        stored = sorted(self.model.tables.values(), key=lambda rows: rows.table.access == JUNCTION_ACCESS)
        for rows in stored:
            self._insert(rows, self.random.randint(0, most), share_empty)

    def _insert(self, rows: Rows, times: int, share_empty: float) -> None:
        lines = []
        for _ in range(times):
            line = self._line(rows.table, share_empty)
            if line is not None:
                lines.append(line)
        if not lines:
            return
        columns = rows.table.columns
        entered = [column for column in columns if not column_types.get(column.type).numbered]
        statement = sql.format(
            "insert into {table} (id, user_id, created_at, updated_at{names}) values {lines} on conflict do nothing "
            "returning id, user_id, created_at, updated_at{read}",
            table=self.target.table(rows.table.name),
            names=sql.join("", [sql.format(", {name}", name=sql.identifier(each.name)) for each in entered]),
            lines=sql.join(", ", lines),
            read=sql.join("", [sql.format(", {it}", it=_read(each, sql.identifier(each.name))) for each in columns]),
        )
        for row, user_id, created_at, updated_at, *values in self.query(sql.text(statement)):
            rows.rows[row] = Row(user_id, created_at, updated_at)
            for column, value in zip(columns, values, strict=True):
                rows.slots[column.id].values[row] = value

    def _line(self, table: Table, share_empty: float) -> sql.Composable | None:
        """A row to insert, None where a value that it needs does not exist."""
        self.ages += 1
        age = _LONG_AGO + dt.timedelta(hours=self.random.randrange(10**4), microseconds=self.ages)
        values = [
            literal(UUID(int=self.random.getrandbits(128)), "uuid"),
            literal(self.random.choice(MEMBERS), "uuid"),
            literal(age, "timestamptz"),
            literal(age, "timestamptz"),
        ]
        for column in table.columns:
            if column_types.get(column.type).numbered:
                continue
            given = column.default is not None and self.random.random() < 0.3
            value = sql.SQL("default") if given else self.any_value(column)
            if column.required and value is None:
                return None
            if value is None or (not given and not column.required and self.random.random() < share_empty):
                value = sql.SQL("null")
            values.append(value)
        return sql.format("({values})", values=sql.join(", ", values))

    def _update(self, rows: Rows, share_empty: float) -> None:
        columns = [slot.column for slot in rows.slots.values() if not column_types.get(slot.column.type).numbered]
        if not rows.rows or not columns or rows.table.access == JUNCTION_ACCESS:
            return
        for row in self.random.sample(list(rows.rows), self.random.randint(0, min(2, len(rows.rows)))):
            column = self.random.choice(columns)
            value = self.any_value(column)
            if value is None or (not column.required and self.random.random() < share_empty):
                if column.required:
                    continue
                value = sql.SQL("null")
            ((typed,),) = self.query(sql.text(sql.format("select {value}", value=_read(column, value))))
            if self.model.repeats(rows, row, {column.name: typed}):
                continue
            statement = sql.format(
                "update {table} set {column} = {value} where id = {row} returning {read}",
                table=self.target.table(rows.table.name),
                column=sql.identifier(column.name),
                value=value,
                row=literal(row, "uuid"),
                read=_read(column, sql.identifier(column.name)),
            )
            ((rows.slots[column.id].values[row],),) = self.query(sql.text(statement))
            rows.rows[row].updated_at = self.now

    def _delete(self, rows: Rows) -> None:
        table_id, row = rows.table.id, self.random.choice(list(rows.rows))
        found = self.model.deleted_with(table_id, row)
        if found is None:
            return
        delete = sql.format(
            "delete from {table} where id = {row}", table=self.target.table(rows.table.name), row=literal(row, "uuid")
        )
        self.query(sql.text(delete))
        gone, emptied = found
        for key, linking, column_id in emptied:
            self.model.tables[key].slots[column_id].values[linking] = None
            self.model.tables[key].rows[linking].updated_at = self.now
        for key, each in gone:
            self.model.tables[key].remove(each)

    # Row-level security

    def probe(self) -> None:
        """An invented member sees and adds what the access of each table says; nothing is left half done."""
        found = self.query(_LINTS, {"schema": self.target.schema, "owner": self.target.owner})
        assert found == [], found
        me, other = MEMBERS
        expected = {rows.table.name: self._visible(rows, me) for rows in self.model.tables.values()}
        attempts = "".join(self._attempts(rows, me, other) for rows in self.model.tables.values())
        block = sql.text(sql.format("do {block}", block=sql.literal(f"begin\n{attempts}end")))
        counts = [
            sql.format("select {name}, count(*) from {table}", name=sql.literal(name), table=self.target.table(name))
            for name in expected
        ]
        with Rehearsal(self.door, self.project, 15_000).turn(me, "member"):
            seen = dict(self.query(sql.text(sql.join(" union all ", counts))))
            assert seen == expected, f"A member sees {seen} rows instead of {expected}"
            self.query(block)

    def _visible(self, rows: Rows, member: UUID) -> int:
        if rows.table.access == "project":
            return len(rows.rows)
        if rows.table.access != JUNCTION_ACCESS:
            return sum(row.user_id == member for row in rows.rows.values())
        link = next(slot for slot in rows.slots.values() if slot.column.name == SOURCE)
        source = next(each for each in self.model.tables.values() if each.table.name == link.column.config["to_table"])
        seen = {key for key, row in source.rows.items() if source.table.access == "project" or row.user_id == member}
        return sum(link.values[row] in seen for row in rows.rows)

    def _attempts(self, rows: Rows, me: UUID, other: UUID) -> str:
        names = {
            "table": self.target.table(rows.table.name),
            "me": literal(me, "uuid"),
            "other": literal(other, "uuid"),
        }
        refused = [sql.format("insert into {table} (user_id) values ({other})", **names)]
        mine = any(row.user_id == me for row in rows.rows.values())
        if mine and rows.table.access != JUNCTION_ACCESS:
            refused.append(sql.format("update {table} set user_id = {other} where user_id = {me}", **names))
        text = "".join(
            _REFUSED.format(statement=statement, quoted=sql.text(sql.literal(statement)).replace("%", "%%"))
            for statement in map(sql.text, refused)
        )
        return text + _ALLOWED.format(
            statement=sql.text(sql.format("insert into {table} (user_id) values ({me})", **names))
        )


def literal(value: Any, kind: str) -> sql.Composable:
    """A value as SQL of a type."""
    return sql.format("{value}::{kind}", value=sql.literal(value), kind=sql.type_name(kind))


def _read(column: Column, value: sql.Composable) -> sql.Composable:
    """SQL of a value as the model keeps it: JSON as its text."""
    is_json = column_types.get(column.type).sql_type(column) == "jsonb"
    return sql.format("({value})::text", value=value) if is_json else value


def differences(found: Any, wanted: Any, path: str = "$") -> str:
    """Where two catalogs differ, a line each."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = sorted(found.keys() | wanted.keys())
        lines = (differences(found.get(key), wanted.get(key), f"{path}.{key}") for key in keys)
        return "\n".join(line for line in lines if line)
    return "" if found == wanted else f"{path}: {found} instead of {wanted}"
