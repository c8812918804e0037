"""What a plan may cost: named codes, so that people, pages and programs can tell one risk from another."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["destructive", "data", "access", "rewrite", "cascade"]
"""destructive: hides stored values, and so needs the user's word. data: fails if stored rows do not fit. access: lets
more people see rows. rewrite: changes the whole table while nobody else can use it. cascade: lets later deletions take
more rows with them."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing to know before a plan runs.

    Args:
        code: stable name, such as `drops_column`.
        severity: what kind of risk it is.
        detail: what happens, in one sentence.
        fix: what to do about it, in one sentence.
        rows: the query that finds the rows that it is about, before the plan runs; empty where it is about no rows.
        table: the name that the table has after the change.
        column: the name that the column has then, for what is about one.
    """

    code: str
    severity: Severity
    detail: str
    fix: str
    rows: str = ""
    table: str = ""
    column: str = ""

    @property
    def destructive(self) -> bool:
        """Whether the plan runs only after the user has confirmed it."""
        return self.severity == "destructive"

    def to_json(self) -> dict[str, str]:
        """The risk as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Risk:
        """Reads what `to_json` wrote."""
        return cls(**data)  # type: ignore[arg-type]


def drops_table(table: str, rows: str) -> Risk:
    """The table disappears from the application."""
    return Risk(
        "drops_table",
        "destructive",
        f"The table {table!r} and its rows disappear from the application; they are kept in the archive.",
        "Confirm that the table is no longer needed, or leave it in the document.",
        rows,
        table=table,
    )


def drops_column(table: str, column: str, rows: str) -> Risk:
    """The column disappears from the application."""
    return Risk(
        "drops_column",
        "destructive",
        f"The column {column!r} of {table!r} and its values disappear from the application; they are kept in the "
        "archive.",
        "Confirm that the column is no longer needed, or leave it in the document.",
        rows,
        table=table,
        column=column,
    )


def drops_links(table: str, column: str, target: str, rows: str) -> Risk:
    """The links of a many-to-many relation disappear from the application."""
    return Risk(
        "drops_links",
        "destructive",
        f"The links from {table!r} to {target!r} in {column!r} disappear from the application; they are kept in the "
        "archive.",
        "Confirm that the links are no longer needed, or leave the relation as it is.",
        rows,
        table=table,
        column=column,
    )


def loses_values(table: str, column: str, rows: str) -> Risk:
    """A column gets another type, in which not every value can be written."""
    return Risk(
        "loses_values",
        "destructive",
        f"The column {column!r} of {table!r} gets another type: values that do not fit it become empty or less exact; "
        "they are kept in the archive.",
        "Confirm it, or change those values first.",
        rows,
        table=table,
        column=column,
    )


def unlinks_rows(table: str, column: str, rows: str) -> Risk:
    """Links that come back from the archive lead to records that are gone."""
    return Risk(
        "unlinks_rows",
        "destructive",
        f"Links in {column!r} of {table!r} lead to records that were deleted meanwhile: those links become empty.",
        "Confirm it: the records cannot come back.",
        rows,
        table=table,
        column=column,
    )


def required_may_fail(table: str, column: str, rows: str) -> Risk:
    """A column becomes required while rows may lack a value."""
    return Risk(
        "required_may_fail",
        "data",
        f"The column {column!r} of {table!r} becomes required: this fails if a row has no value there.",
        "Give the column a default, which fills those rows, or fill them first.",
        rows,
        table=table,
        column=column,
    )


def unique_may_fail(table: str, columns: tuple[str, ...]) -> Risk:
    """Values become unique while rows may repeat them."""
    return Risk(
        "unique_may_fail",
        "data",
        f"{' and '.join(map(repr, columns))} of {table!r} must be unique: this fails if two rows have the same.",
        "Make the values of those rows different first.",
        table=table,
    )


def check_may_fail(table: str, column: str) -> Risk:
    """The rules of a column change while rows may break the new ones."""
    return Risk(
        "check_may_fail",
        "data",
        f"The column {column!r} of {table!r} gets other limits: this fails if a row holds a value outside them.",
        "Change the values that no longer fit first.",
        table=table,
        column=column,
    )


def relation_may_fail(table: str, column: str, target: str) -> Risk:
    """A column starts to point elsewhere while rows may point nowhere."""
    return Risk(
        "relation_may_fail",
        "data",
        f"The column {column!r} of {table!r} must point to rows of {target!r}: this fails if a row points elsewhere.",
        "Empty the links of those rows first.",
        table=table,
        column=column,
    )


def widens_access(table: str) -> Risk:
    """Rows become visible to more people."""
    return Risk(
        "widens_access",
        "access",
        f"Every member of the project will see and change all rows of {table!r}, not only their own.",
        "Keep the access 'private' if the rows are personal.",
        table=table,
    )


def numbers_rows(table: str, column: str) -> Risk:
    """Every row gets a number."""
    return Risk(
        "numbers_rows",
        "rewrite",
        f"Every row of {table!r} gets a number in {column!r}, which copies the table; nobody can use it while that "
        "lasts.",
        "For a large table choose a quiet hour.",
        table=table,
        column=column,
    )


def rewrites_table(table: str, column: str) -> Risk:
    """A change of type copies the table."""
    return Risk(
        "rewrites_table",
        "rewrite",
        f"The type of {column!r} changes, which copies the table {table!r}; nobody can use it while that lasts.",
        "For a large table choose a quiet hour.",
        table=table,
        column=column,
    )


def long_lock(table: str, column: str) -> Risk:
    """Every row of a large table is changed."""
    return Risk(
        "long_lock",
        "rewrite",
        f"The table {table!r} is large, and {column!r} is written in all of its rows; nobody can use it while that "
        "lasts.",
        "Choose a quiet hour. What takes too long is undone, and can be tried again.",
        table=table,
        column=column,
    )


def cascades(table: str, column: str, target: str) -> Risk:
    """Rows go with the one that they point to."""
    return Risk(
        "cascades",
        "cascade",
        f"From now on, whoever deletes a row of {target!r} also deletes the rows of {table!r} that point to it in "
        f"{column!r}.",
        "Choose 'set_null' or 'restrict' for on_delete if those rows should stay.",
        table=table,
        column=column,
    )
