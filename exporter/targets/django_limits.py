"""What the values of a column may be, as a CHECK constraint of its model.

Lengths of short texts are those of their columns. What Django's expressions do not say, such as the shape of a JSON
value, is left to the SQL of the second migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.python_code import Call, Name
from exporter.targets.django_columns import DjangoColumn

_PATTERNS: Final = {"email": "EMAIL", "phone": "PHONE", "url": "WEB_ADDRESS"}
"""The constants of the exported `crud.patterns`, by the types whose texts match them."""
_INTERNATIONAL: Final = "INTERNATIONAL_PHONE"


@dataclass(frozen=True, slots=True)
class Limit:
    """A constraint of a model.

    Args:
        declared: the constraint as the model says it.
        migrated: the same as a migration says it, with nothing of the model's module.
        imports: what the model's module imports for it, by modules.
    """

    declared: Call
    migrated: Call
    imports: tuple[tuple[str, str], ...] = ()


def unique(fields: list[str], name: str) -> Limit:
    """The constraint of a set of fields that no two records share."""
    call = Call("models.UniqueConstraint", (), {"fields": fields, "name": name})
    return Limit(call, call)


def limit(column: DjangoColumn, name: str) -> Limit | None:
    """The constraint of a column's values; None where its model has none.

    Args:
        column: the column.
        name: what the constraint is called.
    """
    facts, field = column.facts, column.field
    if not facts.checks:
        return None
    if facts.kind == "choice":
        listed = [option.value for option in facts.options]
        return _compared(field, "in", Name(f"{column.choices}.values"), listed, name)
    if facts.type_key in _PATTERNS:
        pattern = _INTERNATIONAL if facts.settings.get("country") else _PATTERNS[facts.type_key]
        return _compared(field, "regex", Name(pattern), facts.pattern, name, (("crud.patterns", pattern),))
    if facts.kind == "long_text":
        length = Call("LessThanOrEqual", (Call("Length", (field,)), facts.settings["max_length"]))
        functions = (("django.db.models.functions", "Length"), ("django.db.models.lookups", "LessThanOrEqual"))
        return Limit(_check(length, name), _check(length, name), functions)
    return _bounded(column, name)


def is_left_to_sql(column: DjangoColumn) -> bool:
    """Whether the model does not say all that a column's values may be."""
    return bool(column.facts.checks) and not _is_sized(column.facts) and limit(column, "") is None


def _is_sized(facts: ColumnContext) -> bool:
    """Whether the length of the column is all that there is to say."""
    return facts.type_key == "text"


def _bounded(column: DjangoColumn, name: str) -> Limit | None:
    """The bounds of a number."""
    bounds = column.bounds
    if not bounds:
        return None
    if len(bounds) == 2:
        between = (bounds["Min"], bounds["Max"])
        return _compared(column.field, "range", between, between, name)
    ((word, bound),) = bounds.items()
    return _compared(column.field, {"Min": "gte", "Max": "lte"}[word], bound, bound, name)


def _compared(
    field: str, lookup: str, declared: Any, migrated: Any, name: str, imports: tuple[tuple[str, str], ...] = ()
) -> Limit:
    """A constraint that compares a field with a value, which models and migrations may say each in their own way."""
    first, second = (
        _check(Call("models.Q", (), {f"{field}__{lookup}": value}), name) for value in (declared, migrated)
    )
    return Limit(first, second, imports)


def _check(condition: Call, name: str) -> Call:
    return Call("models.CheckConstraint", (), {"condition": condition, "name": name})
