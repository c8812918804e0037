"""What PostgreSQL refused, said to people: which column, what is wrong, what to do.

Constraints are the last word on every value, also where two requests race, so they are not asked beforehand; their
refusals are read here. A constraint's columns come from the catalog, whatever its name is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError
from psycopg import errors as pg
from psycopg.errors import Diagnostic

from core.errors import BadRequest, Conflict, Forbidden, Problem
from core.tenancy import Door
from dynamic_crud.links import links_table
from dynamic_crud.resources import Resource

_COLUMNS_OF = """
select a.attname
  from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
 where c.conname = %(name)s and c.conrelid = to_regclass(%(table)s)
union
select a.attname
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
 where x.relname = %(name)s and i.indrelid = to_regclass(%(table)s)
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why PostgreSQL refused a row.

    Args:
        code: stable name of the reason.
        detail: what is wrong, in one sentence.
        fix: what to do, in one sentence.
        kind: `Conflict` when other rows are the reason, `BadRequest` when the value alone is.
        constraint: the constraint that was violated, or "".
        columns: the columns concerned, as far as they are known.
    """

    code: str
    detail: str
    fix: str
    kind: type[Problem] = BadRequest
    constraint: str = ""
    columns: tuple[str, ...] = ()

    def to_problem(self, prefix: str = "$") -> Problem:
        """The refusal as a problem, with one entry for each column; `prefix` is the JSON path of the row."""
        paths = [f"{prefix}.{column}" for column in self.columns] or [prefix]
        faults = [{"code": self.code, "path": path, "detail": self.detail, "fix": self.fix} for path in paths]
        return self.kind(self.detail, code=self.code, errors=faults)


def refusal_of(error: DatabaseError, resource: Resource) -> Refusal | None:
    """Reads what PostgreSQL said about a row of the resource; None when it was not about the row's values."""
    cause = error.__cause__
    if not isinstance(cause, pg.Error):
        return None
    for kind, explain in _EXPLANATIONS.items():
        if isinstance(cause, kind):
            return explain(cause.diag, resource)
    return None


def columns_of(refusal: Refusal, resource: Resource, door: Door) -> tuple[str, ...]:
    """The refused columns, from the catalog. In a new door: the one that failed is of no more use."""
    if refusal.columns or not refusal.constraint:
        return refusal.columns
    with door.connection.cursor() as cursor:
        cursor.execute(_COLUMNS_OF, {"name": refusal.constraint, "table": resource.table.name})
        found = {name for (name,) in cursor.fetchall()}
    return tuple(name for name in resource.by_column if name in found)


def _explain_unique(said: Diagnostic, resource: Resource) -> Refusal:
    return Refusal(
        code="not_unique",
        detail=f"Another {resource.table.label.lower()} already has this value.",
        fix="Use another value, or change the other record.",
        kind=Conflict,
        constraint=said.constraint_name or "",
    )


def _explain_not_null(said: Diagnostic, resource: Resource) -> Refusal:
    return Refusal(
        code="required",
        detail="This field is required.",
        fix="Give it a value.",
        columns=tuple(name for name in (said.column_name,) if name in resource.by_column),
    )


def _explain_foreign_key(said: Diagnostic, resource: Resource) -> Refusal:
    source = resource.runtime.resources.get(said.table_name or "")
    if source is not None and "referenced" in (said.message_detail or ""):
        return _explain_restrict(said, resource)
    return Refusal(
        code="does_not_exist",
        detail="The record that this points to does not exist.",
        fix="Choose another one.",
        constraint=said.constraint_name or "",
        columns=tuple(item.column.name for item in resource.links if links_table(item) == said.table_name),
    )


def _explain_restrict(said: Diagnostic, resource: Resource) -> Refusal:
    source = resource.runtime.resources.get(said.table_name or "")
    rows = source.table.label_plural.lower() if source else "other records"
    return Refusal(
        code="still_referenced",
        detail=f"This {resource.table.label.lower()} cannot be deleted: {rows} still point to it.",
        fix=f"Delete those {rows} or point them elsewhere first.",
        kind=Conflict,
    )


def _explain_check(said: Diagnostic, resource: Resource) -> Refusal:
    return Refusal(
        code="not_allowed",
        detail="This value is outside of what the field allows.",
        fix="See the field's description for what is possible.",
        constraint=said.constraint_name or "",
    )


def _explain_policy(said: Diagnostic, resource: Resource) -> Refusal | None:
    if "row-level security" not in (said.message_primary or ""):
        return None  # a missing grant: a mistake of ours
    return Refusal(
        code="not_permitted",
        detail=f"You may not save this {resource.table.label.lower()}.",
        fix="Ask the owner of the project.",
        kind=Forbidden,
    )


def _explain_data(said: Diagnostic, resource: Resource) -> Refusal:
    return Refusal(
        code="invalid",
        detail="A value cannot be stored: it is too large or has characters that PostgreSQL does not keep.",
        fix="Shorten it, or remove special characters.",
    )


_EXPLANATIONS: Final[dict[type[pg.Error], Callable[[Diagnostic, Resource], Refusal | None]]] = {
    pg.UniqueViolation: _explain_unique,
    pg.NotNullViolation: _explain_not_null,
    pg.RestrictViolation: _explain_restrict,
    pg.ForeignKeyViolation: _explain_foreign_key,
    pg.CheckViolation: _explain_check,
    pg.InsufficientPrivilege: _explain_policy,
    pg.DataError: _explain_data,
}
"""From PostgreSQL's error classes, the special before the general."""
