"""Each limit of a column is stated once: the model, the form, the API, PostgreSQL and the exported rule agree on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.datastructures import MultiValueDict

from core.tenancy import Door
from dynamic_crud.forms import form_class
from dynamic_crud.resources import Resource, Runtime
from dynamic_crud.serializers import serializer_class
from exporter.context import app_context
from exporter.targets.nextjs_columns import NextColumn
from schemas.column_types import column_types
from schemas.document import Column, Json, Schema
from schemas.validation import validate
from tests.schemas.scratch import Scratch

NO_DOOR: Final[dict[str, Any]] = {"door": Door("default"), "members": {}}
"""Forms that are not saved read nothing."""


@dataclass(frozen=True)
class Fact:
    """A limit, by values at both of its sides.

    Args:
        type: the type's key.
        setting: the setting that says the limit; empty where the type does.
        config: the settings of the column.
        inside: values in JSON that just fit.
        outside: values in JSON that just do not.
        but: judges that have no say in it, each with the reason.
    """

    type: str
    setting: str
    config: dict[str, Json]
    inside: tuple[Json, ...]
    outside: tuple[Json, ...]
    but: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.type}-{self.setting or 'itself'}"


NO_SAFE_NUMBER: Final = ("typescript", "a JavaScript number cannot say it exactly")
ROUNDS: Final = ("postgresql", "numeric(p, s) rounds; only a number with too many digits before the point is refused")
FILES_THERE: Final = tuple(
    (judge, "it takes uploads and ids; dynamic_crud/files.py counts them") for judge in ("form", "api")
)
BROWSER: Final = ("typescript", "the browser's own control knows no other values")

A_AND_B: Final = [{"value": "a"}, {"value": "b"}]
FILES: Final = [
    {"id": f"6fa459ea-ee8a-3ca4-894e-db77e160355{number}", "name": "a.pdf", "size": 1, "type": "application/pdf"}
    for number in range(3)
]

FACTS: Final = (
    Fact("text", "max_length", {"max_length": 5}, ("abcde", "\u05d0\u05d1\u05d2\u05d3\u05d4"), ("abcdef",)),
    Fact("long_text", "max_length", {"max_length": 5}, ("ab\nde",), ("ab\ndef",)),
    Fact("rich_text", "max_length", {"max_length": 8}, ("<p>a</p>",), ("<p>ab</p>",)),
    Fact("email", "max_length", {"max_length": 10}, ("aaaa@bb.co",), ("aaaaa@bb.co",)),
    Fact("email", "", {}, ("a@b.co",), ("a@b", "a b@c.de")),
    Fact("url", "max_length", {"max_length": 14}, ("http://a.de/bc",), ("http://a.de/bcd",)),
    Fact("url", "", {}, ("https://a.de",), ("ftp://a.de", "javascript:alert(1)")),
    Fact("phone", "max_length", {"max_length": 6}, ("123456",), ("1234567",)),
    Fact("phone", "country", {"country": "DE"}, ("+493012345678",), ("+4930123456789012345", "call me")),
    Fact("phone", "", {}, ("+49 (30) 12-3",), ("call me", "12")),
    Fact("integer", "min", {"min": 2}, (2,), (1,)),
    Fact("integer", "max", {"max": 2}, (2,), (3,)),
    Fact("integer", "", {}, (2**63 - 1, -(2**63)), (2**63, -(2**63) - 1), (NO_SAFE_NUMBER,)),
    *(
        fact
        for key in ("decimal", "currency", "percent")
        for fact in (
            Fact(key, "min", {"min": "0.5"}, ("0.50",), ("0.49",)),
            Fact(key, "max", {"max": "0.5"}, ("0.50",), ("0.51",)),
            Fact(key, "precision", {"precision": 4, "max": None}, ("99.99",), ("100",)),
            Fact(key, "scale", {"scale": 1}, ("0.1",), ("0.11",), (ROUNDS,)),
        )
    ),
    Fact("percent", "", {}, ("0", "100"), ("-0.01", "100.01")),
    Fact("rating", "max", {"max": 3}, (3,), (4,)),
    Fact("rating", "", {}, (1,), (0,)),
    Fact("select", "options", {"options": A_AND_B}, ("a", "b"), ("c", "A")),
    Fact("multi_select", "options", {"options": A_AND_B}, (["a"], ["a", "b"]), (["c"], ["a", "c"])),
    Fact("attachment", "max_files", {"max_files": 2}, (FILES[:2],), (FILES,), FILES_THERE),
    Fact("date", "", {}, ("0001-01-01", "9999-12-31"), ("0000-12-31", "10000-01-01"), (BROWSER,)),
    Fact(
        "datetime",
        "",
        {},
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00+14:00", "10000-01-01T00:00:00Z"),
        (BROWSER, ("form", "it takes times without a zone, so none of them leads out of the year 1")),
    ),
    Fact("time", "", {}, ("00:00", "23:59"), ("24:00",)),
    Fact(
        "duration",
        "",
        {},
        ("366000 00:00:00", "-366000 00:00:00"),
        ("366000 00:00:01", "-366001 23:59:59"),
        (("typescript", "PostgreSQL alone judges the length there"),),
    ),
)

NO_LIMIT: Final = {
    ("currency", "currency"): "which currency an amount is in does not limit it",
    ("attachment", "max_size_mb"): "judged when a file comes in: tests/dynamic_crud/test_files.py",
    ("attachment", "accept"): "judged when a file comes in: tests/dynamic_crud/test_files.py",
    ("auto_number", "prefix"): "nobody enters these numbers",
    ("auto_number", "padding"): "nobody enters these numbers",
    ("auto_number", "start"): "nobody enters these numbers",
    ("relation", "to_table"): "which records there are, a foreign key knows",
    ("relation", "relation"): "a unique constraint knows",
    ("relation", "on_delete"): "says what a delete does",
    ("many_to_many", "to_table"): "which records there are, a foreign key knows",
}


def test_every_setting_has_a_fact_or_a_reason() -> None:
    settings = {(kind.key, name) for kind in column_types for name in kind.settings}
    judged = {(fact.type, fact.setting) for fact in FACTS if fact.setting}

    assert settings - judged == set(NO_LIMIT), (
        "Add a Fact for the setting, with values that just fit and values that just do not; or say in NO_LIMIT why it "
        "limits no value."
    )


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_all_agree_on_a_limit(scratch: Scratch, fact: Fact) -> None:
    schema = schema_of(fact)
    resource = Runtime(schema).resource("samples")
    column = resource.by_column["x"].column
    scratch.create(column)
    judges: dict[str, Callable[[Json], bool]] = {
        "model": lambda data: takes(lambda: resource.by_column["x"].model_field.clean(python(column, data), None)),
        "form": lambda data: form_takes(resource, column, data),
        "api": lambda data: "x" not in errors_of(resource, data),
        "postgresql": lambda data: postgresql_takes(scratch, column, data),
        "typescript": lambda data: typescript_takes(schema, column, data),
    }
    silent = dict(fact.but)
    wrong = [
        f"{name} {'refuses' if expected else 'takes'} {data!r}"
        for values, expected in ((fact.inside, True), (fact.outside, False))
        for data in values
        for name, judge in judges.items()
        if name not in silent and judge(data) != expected
    ]
    assert not wrong, (
        f"The limit of {fact} is not the same everywhere: {'; '.join(wrong)}. State it once in "
        f"schemas/column_types/{fact.type}.py (model_field, checks) and derive the rest from there; if one of these "
        "really has no say in it, name it with its reason in the Fact's `but`."
    )


def schema_of(fact: Fact) -> Schema:
    entry = {"name": "x", "type": fact.type, **column_types.get(fact.type).example, **fact.config}
    result = validate({"name": "App", "tables": [{"name": "samples", "columns": [entry]}]})
    assert result.schema is not None, result.errors
    return result.schema


def takes(judge: Callable[[], Any]) -> bool:
    try:
        judge()
    except (ValidationError, ValueError):
        return False
    return True


def python(column: Column, data: Json) -> Any:
    """The value as it reaches the model: in Python where there is one, else as it is written."""
    try:
        return column_types.get(column.type).value(column, data)
    except ValueError:
        return data


def form_takes(resource: Resource, column: Column, data: Json) -> bool:
    written = data if isinstance(data, list) else str(data)
    if isinstance(resource.by_column["x"].model_field, models.DateTimeField):
        written = str(data).removesuffix("Z").replace("T", " ")
    form = form_class(resource)(MultiValueDict({"x": written if isinstance(written, list) else [written]}), **NO_DOOR)
    return "x" not in form.errors


def errors_of(resource: Resource, data: Json) -> dict[str, Any]:
    serializer = serializer_class(resource)(data={"x": data})
    serializer.is_valid()
    return dict(serializer.errors)


def postgresql_takes(scratch: Scratch, column: Column, data: Json) -> bool:
    """Whether PostgreSQL lets the value in, and as it is."""
    value = python(column, data)
    try:
        return bool(scratch.stored(column, value) == value)
    except (psycopg.errors.CheckViolation, psycopg.errors.DataError):
        return False


# The rules of the exported application, read as TypeScript writes them


def typescript_takes(schema: Schema, column: Column, data: Json) -> bool:
    facts = app_context(schema).table("samples").columns[0]
    rule = NextColumn(facts, options_name="OPTIONS" if facts.options else "").validator
    name, arguments = innermost(rule)
    limits = {key: float(value) for key, value in re.findall(r"(\w+): (-?[\d.]+)", arguments)}
    if facts.options:
        return set(data if isinstance(data, list) else [data]) <= {option.value for option in facts.options}
    if name in ("integer", "decimal"):
        return all(number_rules(str(data), limits))
    if name == "files":
        return len(data) <= int(arguments)
    if name == "time":
        return bool(re.match(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?\Z", data))
    fits = not facts.pattern or re.search(facts.pattern, data) is not None
    return fits and len(data) <= int(arguments)


def innermost(rule: str) -> tuple[str, str]:
    """The last call in `optional(text(5))`: its name and arguments."""
    found = re.search(r"(\w+)\(([^()]*)\)[), \d]*$", rule)
    assert found, f"The exporter writes a rule that this test cannot read: {rule}"
    return found[1], found[2]


def number_rules(written: str, limits: dict[str, float]) -> Iterator[bool]:
    whole, _, decimals = written.lstrip("+-").partition(".")
    yield len(decimals) <= limits.get("scale", 0)
    yield len(whole.lstrip("0")) <= limits.get("precision", 99) - limits.get("scale", 0)
    yield limits.get("min", float("-inf")) <= float(written) <= limits.get("max", float("inf"))
