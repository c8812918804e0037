"""From what differs between a version and its tables to the statements that mend it.

What is missing is made again. What nobody asked for goes where it guards or opens something; tables and columns that
hold values are only hidden. Where values would have to be guessed or other people's things be taken away, nothing is
done, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, LiteralString

from core import sql
from provisioning import rls
from provisioning.drift import Difference
from provisioning.foundation import FUNCTIONS, foundation
from provisioning.introspect import PLACEHOLDER
from provisioning.operations.base import column_definition, default_of, steps_of
from provisioning.operations.column_queries import default_query
from provisioning.operations.create_table import touch_trigger
from provisioning.parts.base import Part
from provisioning.parts.derive import parts_of
from provisioning.parts.rights import RIGHTS
from provisioning.phases import Phase, Step
from provisioning.project_database import SCHEMA_GRANTS
from provisioning.scene import Scene
from provisioning.statements import Plan, Statement
from provisioning.target import Target, not_null, primary_key, visibility
from schemas.changes import AddTable
from schemas.document import SYSTEM_COLUMNS, Schema, Table
from schemas.junctions import as_stored

_DROPS: Final[dict[str, LiteralString]] = {
    "constraint": "alter table {table} drop constraint {name}",
    "index": "drop index {qualified}",
    "policy": "drop policy {name} on {table}",
    "trigger": "drop trigger {name} on {table}",
}
_PREFIX: Final = "_extra_"
"""What the names of hidden tables and columns begin with that no version had."""

_Queries = Iterator[tuple[Phase, str]]


@dataclass(frozen=True, slots=True)
class Mend:
    """What can be done about differences.

    Args:
        plan: the statements; without any where nothing can be done.
        by_hand: the differences that they leave.
    """

    plan: Plan
    by_hand: tuple[Difference, ...]


def mend(differences: tuple[Difference, ...], schema: Schema, target: Target, number: int) -> Mend:
    """The plan that takes the tables back to what their version says.

    Args:
        differences: between the version and the tables.
        schema: the version's document.
        target: where the tables are.
        number: the number of the version.
    """
    mender = _Mender(schema, target)
    steps: list[Step] = []
    by_hand = []
    others = {difference.table for difference in differences if difference.code == "owner_changed"}
    for difference in differences:
        try:
            found = [] if difference.table in others else list(mender.steps(difference))
        except sql.InvalidIdentifier:
            found = []
        steps += found
        if not found:
            by_hand.append(difference)
    steps.sort(key=lambda step: step.phase)
    mended = (difference for difference in differences if difference not in by_hand)
    plan = Plan(
        schema_name=target.schema,
        number=number,
        version=schema.version,
        from_hash=schema.content_hash,
        to_hash=schema.content_hash,
        changes=tuple(difference.sentence for difference in mended),
        statements=tuple(_once(step.statement for step in steps)),
        tables_changed=tuple(dict.fromkeys(found.table for found in differences if found.table)),
    )
    return Mend(plan, tuple(by_hand))


def _once(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Each statement where it stands last: rights are granted when nothing takes them away any more."""
    every = list(statements)
    last = {statement.sql: i for i, statement in enumerate(every)}
    return (every[i] for i in sorted(last.values()))


class _Mender:
    """The statements for one difference at a time."""

    def __init__(self, schema: Schema, target: Target) -> None:
        self.target = target
        self.schema = as_stored(schema)
        self.tables = {table.name: table for table in self.schema}

    def steps(self, difference: Difference) -> Iterator[Step]:
        """What mends it; nothing where that takes a person."""
        if difference.code == "table_missing":
            table = self.tables[difference.table]
            yield from steps_of(AddTable(table), Scene(Schema(name=""), self.schema, self.target, 1))
            return
        for phase, query in self._queries(difference):
            comment = f"Mend: {difference.sentence}"
            # Hidden rows and lost rights are not brought back by undoing a mend, so it has no reverse.
            yield Step(phase, Statement(query, comment, "", difference.sentence))

    def _queries(self, difference: Difference) -> _Queries:
        kind, _, what = difference.code.rpartition("_")
        if difference.code in _MENDERS:
            yield from _MENDERS[difference.code](self, difference)
        elif kind in _DROPS:
            if what in ("extra", "changed", "invalid"):
                yield Phase.DROP, self._text(_DROPS[kind], difference)
            if what != "extra":
                yield from self._made(difference)

    def _made(self, difference: Difference) -> _Queries:
        table = self.tables[difference.table]
        part = self._parts(table).get(difference.name)
        if part is not None:
            yield part.phase, part.create
        elif difference.name == primary_key(table.id):
            yield Phase.CONSTRAIN, self._text("alter table {table} add constraint {name} primary key (id)", difference)
        elif difference.code.startswith("trigger_") and difference.name == "touch":
            yield Phase.CONSTRAIN, touch_trigger(table, self.target)

    def validate(self, difference: Difference) -> _Queries:
        """The rows that are there are checked."""
        yield Phase.RELATE, self._text("alter table {table} validate constraint {name}", difference)

    def secure(self, difference: Difference) -> _Queries:
        """Row-level security binds everybody again."""
        yield Phase.CONSTRAIN, rls.enable(self.tables[difference.table], self.target)

    def column_missing(self, difference: Difference) -> _Queries:
        """It comes back without the values that went with it."""
        if difference.name in SYSTEM_COLUMNS:
            return
        table = self.tables[difference.table]
        column = column_definition(table, table.column(difference.name), self.target)
        query = sql.format(
            "alter table {table} add column {column}", table=self.target.table(table.name), column=column
        )
        yield Phase.ADD_COLUMNS, sql.text(query)
        # Rights that name columns went with it.
        yield Phase.CONSTRAIN, self._parts(table)[RIGHTS].create

    def column_extra(self, difference: Difference) -> _Queries:
        """It is hidden, and rows may do without it."""
        if difference.found[1]:
            yield Phase.ARCHIVE_COLUMNS, self._text("alter table {table} alter column {name} drop not null", difference)
        yield Phase.ARCHIVE_COLUMNS, self._text("alter table {table} rename column {name} to {hidden}", difference)

    def column_default(self, difference: Difference) -> _Queries:
        """What the version says; the defaults of the columns that every table has are not ours to guess."""
        if difference.name not in SYSTEM_COLUMNS:
            table = self.tables[difference.table]
            column = table.column(difference.name)
            yield Phase.CHANGE_COLUMNS, default_query(table, column, self.target, default_of(column))

    def column_not_null(self, difference: Difference) -> _Queries:
        """As the version says."""
        if not difference.expected[1]:
            yield Phase.CHANGE_COLUMNS, self._text("alter table {table} alter column {name} drop not null", difference)
        elif self.target.names_not_null:
            query: LiteralString = "alter table {table} add constraint {not_null} not null {name}"
            yield (
                Phase.CONSTRAIN,
                self._text(query, difference, not_null=sql.identifier(self._name_of_not_null(difference))),
            )
        else:
            yield Phase.CONSTRAIN, self._text("alter table {table} alter column {name} set not null", difference)

    def not_null_name(self, difference: Difference) -> _Queries:
        """It gets its name back, by which later plans find it."""
        names = {"old": sql.existing(difference.found), "new": sql.identifier(difference.expected)}
        yield Phase.DROP, self._text("alter table {table} rename constraint {old} to {new}", difference, **names)

    def table_extra(self, difference: Difference) -> _Queries:
        """It is hidden without the links that could block a deletion, and nobody but the owner reaches it."""
        if difference.found["owner"] != f"{PLACEHOLDER}_owner":
            return
        for name, value in (difference.found["constraints"] or {}).items():
            if value[0] == "f":
                link = sql.existing(name)
                yield Phase.DROP, self._text("alter table {table} drop constraint {link}", difference, link=link)
        for role in sorted({line.split()[0] for line in difference.found["rights"] or ()}):
            if role != f"{PLACEHOLDER}_owner":
                yield Phase.DROP, self._text("revoke all on {table} from {role}", difference, role=self._role(role))
        yield Phase.ARCHIVE_TABLES, self._text("alter table {table} rename to {hidden}", difference)

    def rights_missing(self, difference: Difference) -> _Queries:
        """They are granted."""
        if difference.table:
            yield Phase.CONSTRAIN, self._parts(self.tables[difference.table])[RIGHTS].create
        else:
            yield Phase.PREPARE, self._schema_grants()

    def rights_extra(self, difference: Difference) -> _Queries:
        """Everything is taken away from the role, then it gets back what it is to have."""
        role = self._role(difference.name)
        if difference.table:
            yield Phase.DROP, self._text("revoke all on {table} from {role}", difference, role=role)
        else:
            yield Phase.PREPARE, self._text("revoke all on schema {schema} from {role}", difference, role=role)
        yield from self.rights_missing(difference)

    def function(self, difference: Difference) -> _Queries:
        """Functions of ours are made again, also over another of their name: triggers hold on to it."""
        shared = {
            f"{name}()": step.statement.sql for (name, *_), step in zip(FUNCTIONS, foundation(self.target), strict=True)
        }
        seen = {
            f"{visibility(table.id)}(uuid)": rls.visibility_function(table, self.target)
            for table in self.tables.values()
        }
        phase = Phase.PREPARE if difference.name in shared else Phase.CHANGE_COLUMNS
        create = shared.get(difference.name) or seen.get(difference.name, "")
        owned = difference.found is None or difference.found[1] == f"{PLACEHOLDER}_owner"
        if create and owned:
            yield phase, create.replace("create function", "create or replace function", 1)

    def _parts(self, table: Table) -> dict[str, Part]:
        return {part.name: part for part in parts_of(table, self.schema, self.target)}

    def _schema_grants(self) -> str:
        names = {"member": sql.identifier(self.target.member), "admin": sql.identifier(self.target.admin)}
        return sql.text(sql.format(SCHEMA_GRANTS, schema=sql.identifier(self.target.schema), **names))

    def _name_of_not_null(self, difference: Difference) -> str:
        table, name = self.tables[difference.table], difference.name
        return not_null(table.id, name if name in SYSTEM_COLUMNS else table.column(name).id)

    def _role(self, name: str) -> sql.Composable:
        return sql.SQL("public") if name == "-" else sql.existing(name.replace(PLACEHOLDER, self.target.schema))

    def _text(self, template: LiteralString, difference: Difference, **names: sql.Composable) -> str:
        """A statement about something that is there, whoever named it."""
        schema, name = self.target.schema, difference.name
        places: dict[str, Callable[[], sql.Composable]] = {
            "schema": lambda: sql.identifier(schema),
            "table": lambda: sql.existing(schema, difference.table),
            "name": lambda: sql.existing(name),
            "qualified": lambda: sql.existing(schema, name),
            "hidden": lambda: sql.identifier(f"{_PREFIX}{name}"),
        }
        used = {place: make() for place, make in places.items() if f"{{{place}}}" in template}
        return sql.text(sql.format(template, **used, **names))


_MENDERS: Final[dict[str, Callable[[_Mender, Difference], _Queries]]] = {
    "column_default": _Mender.column_default,
    "column_extra": _Mender.column_extra,
    "column_missing": _Mender.column_missing,
    "column_not_null": _Mender.column_not_null,
    "constraint_not_validated": _Mender.validate,
    "function_changed": _Mender.function,
    "function_missing": _Mender.function,
    "not_null_name": _Mender.not_null_name,
    "rights_extra": _Mender.rights_extra,
    "rights_missing": _Mender.rights_missing,
    "row_security_not_forced": _Mender.secure,
    "row_security_off": _Mender.secure,
    "table_extra": _Mender.table_extra,
}
