"""The rows of a project as a fixture of Django: one JSON object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django.utils.duration import duration_string

from exporter.column_context import ColumnContext
from exporter.rows import ProjectRows, Row, Snapshot, stored_names
from exporter.targets.django_links import DjangoLink
from exporter.targets.django_tables import DjangoTable

_INTERVAL: Final = re.compile(
    r"P(?:(?P<years>-?\d+)Y)?(?:(?P<months>-?\d+)M)?(?:(?P<days>-?\d+)D)?"
    r"(?:T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?(?:(?P<sign>-?)(?P<seconds>\d+)(?:\.(?P<fraction>\d+))?S)?)?\Z"
)
_AS_JSON: Final = ("choices", "files", "json")
"""Kinds whose values PostgreSQL writes as JSON."""
_DAYS_A_MONTH: Final = 30
_DAYS_A_YEAR: Final = 365


def fixture(tables: Iterable[DjangoTable], links: Iterable[DjangoLink], rows: ProjectRows) -> Iterator[str]:
    """The lines of the fixture: everyone whom a row names, then the rows."""
    views: list[DjangoTable | DjangoLink] = [*tables, *links]
    with rows.open() as snapshot:
        for person in snapshot.people([view.facts for view in views]):
            # The address is one that nobody can have, and the password is none.
            fields = {"email": f"{person}@example.invalid", "password": "!", "is_active": True}
            yield _line("accounts.user", person, fields)
        for view in views:
            yield from _records(view, snapshot)


def last_numbers(tables: Iterable[DjangoTable], rows: ProjectRows) -> Iterator[str]:
    """The last number of each sequence, as JSON: numbers of deleted rows do not come again."""
    found: dict[str, int] = {}
    with rows.open() as snapshot:
        for view in tables:
            for column in view.columns:
                last = snapshot.last_number(view.facts, column.facts.name) if column.sequence else None
                if last is not None:
                    found[column.sequence] = last
    yield json.dumps(found, indent=2) + "\n"


def _records(view: DjangoTable | DjangoLink, snapshot: Snapshot) -> Iterator[str]:
    columns = {column.name: column for column in view.facts.stored_columns}
    written = {name for name, column in columns.items() if column.kind in _AS_JSON}
    names = stored_names(view.facts)
    fields = [_field(name, columns.get(name), view.names.fields) for name in names]
    for row in snapshot.rows(view.facts, written):
        values = dict(zip(fields, _values(names, row, columns), strict=True))
        key = values.pop("id")
        yield _line(view.names.label, key, values)


def _field(name: str, column: ColumnContext | None, fields: Mapping[str, str]) -> str:
    """The field of a stored column."""
    return fields[name] if column else {"user_id": "user"}.get(name, name)


def _values(names: tuple[str, ...], row: Row, columns: Mapping[str, ColumnContext]) -> Iterator[Any]:
    """The values of a row as Django's deserializer reads them."""
    for name, value in zip(names, row, strict=True):
        kind = columns[name].kind if name in columns else ""
        if value is None:
            yield None
        elif kind in _AS_JSON:
            yield json.loads(value)
        elif kind == "boolean":
            yield value == "true"
        elif kind == "duration":
            yield duration_string(_length(value))
        else:
            yield value


def _length(text: str) -> timedelta:
    """A duration as PostgreSQL writes it in ISO 8601; months and years count as psycopg counts them."""
    found = _INTERVAL.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration.")
    part = {key: int(value) for key, value in found.groupdict().items() if key not in ("sign", "fraction") and value}
    micros = int((found["fraction"] or "0").ljust(6, "0"))
    seconds = timedelta(seconds=part.get("seconds", 0), microseconds=micros)
    days = part.get("days", 0) + part.get("months", 0) * _DAYS_A_MONTH + part.get("years", 0) * _DAYS_A_YEAR
    whole = timedelta(days=days, hours=part.get("hours", 0), minutes=part.get("minutes", 0))
    return whole - seconds if found["sign"] else whole + seconds


def _line(model: str, key: Any, fields: Mapping[str, Any]) -> str:
    return json.dumps({"model": model, "pk": key, "fields": fields}, ensure_ascii=False) + "\n"
