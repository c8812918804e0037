"""What becomes of a column's values when it gets another type, or other settings of the same type.

Each type says which values of others it takes (`ColumnType.conversion`, asked of the new type), in SQL that never
fails: what has no counterpart becomes null, and can be counted before anybody decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from core import sql

DOES_NOT_FIT: Final = "Values that do not fit the new column become empty."


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the values of a column become those of another.

    The SQL is for queries and for UPDATE; it may hold a subquery, which ALTER COLUMN ... USING does not take.

    Args:
        value: SQL of the new value, in terms of the old column. It never fails; null stays null, and what has no
            counterpart becomes null.
        loss: what may get lost, in a sentence; empty where nothing can.
        exact: SQL that is true for values that lose nothing, where some convert and lose something all the same.
    """

    value: sql.Composable
    loss: str = ""
    exact: sql.Composable | None = None

    @property
    def kind(self) -> Literal["lossless", "lossy"]:
        """Whether anything can get lost."""
        return "lossy" if self.loss else "lossless"

    @property
    def converts(self) -> sql.Composable | None:
        """SQL that is true for values that have a counterpart; None where all have one."""
        return sql.format("({value}) is not null", value=self.value) if self.loss else None

    @property
    def keeps(self) -> sql.Composable | None:
        """SQL that is true for values that lose nothing; None where none does."""
        return self.exact or self.converts


def checked(value: sql.Composable, name: str, checks: Iterable[sql.Composable]) -> sql.Composable:
    """The value where it meets all checks, else null.

    Args:
        value: SQL of the value.
        name: what the checks call it.
        checks: SQL conditions.
    """
    conditions = list(checks)
    if not conditions:
        return value
    return sql.format(
        "(select {name} from (select {value} as {name}) as _converted where {checks})",
        name=sql.identifier(name),
        value=value,
        checks=sql.join(" and ", conditions),
    )


def matching(text: sql.Composable, pattern: str, value: sql.Composable) -> sql.Composable:
    """The value where the text matches the regular expression, else null."""
    parts = {"text": text, "pattern": sql.literal(pattern), "value": value}
    return sql.format("case when {text} ~ {pattern} then {value} end", **parts)


def read_as(text: sql.Composable, type_name: str) -> sql.Composable:
    """The text as a value of a PostgreSQL type, null where it is none."""
    return sql.format(
        "case when pg_input_is_valid({text}, {name}) then {text}::{type} end",
        text=text,
        name=sql.literal(type_name),
        type=sql.type_name(type_name),
    )


def trimmed(text: sql.Composable) -> sql.Composable:
    """The text without white space around it, as forms read it."""
    return sql.format(r"btrim({text}, E' \t\r\n')", text=text)
