"""What templates get to see: plain values with the facts of the document."""

from __future__ import annotations

import dataclasses
from typing import Any

from exporter.context import app_context
from tests.exporter.schemas import every_type, real_estate, schema_of


def test_the_context_holds_the_facts_of_the_document() -> None:
    app = app_context(real_estate())
    showings = app.table("showings")
    property_id = next(column for column in showings.columns if column.name == "property_id")
    interest = next(column for column in showings.columns if column.name == "interest")
    assert (app.name, app.slug) == ("Real estate CRM", "real-estate-crm")
    assert (showings.row_name, showings.rows_name, showings.slug) == ("Showing", "Showings", "showings")
    assert property_id.reference is not None
    assert (property_id.reference.table, property_id.reference.field) == ("properties", "property")
    assert (interest.minimum, interest.maximum) == (1, 5)
    assert showings.default_sort == "-scheduled_at"


def test_every_type_has_a_kind_of_its_own_form() -> None:
    samples = app_context(every_type()).table("samples")
    kinds = {column.type_key: column.kind for column in samples.columns}
    assert kinds["currency"] == kinds["percent"] == "decimal"
    assert kinds["select"] == "choice"
    assert kinds["relation"] == "relation"
    assert kinds["json"] == "json"


def test_the_context_is_plain_data() -> None:
    def values(value: Any) -> list[Any]:
        if dataclasses.is_dataclass(value):
            return [item for field in dataclasses.fields(value) for item in values(getattr(value, field.name))]
        if isinstance(value, tuple | list):
            return [item for part in value for item in values(part)]
        if isinstance(value, dict):
            return [item for part in value.values() for item in values(part)]
        return [value]

    kinds = {type(value).__module__ for value in values(app_context(every_type()))}
    assert kinds <= {"builtins", "decimal"}


def test_rows_of_two_tables_never_share_a_name_in_code() -> None:
    tables = [{"name": name, "columns": [{"name": "title", "type": "text"}]} for name in ("deal", "deals", "news")]
    app = app_context(schema_of({"name": "Names", "tables": tables}))
    names = [name for table in app.tables for name in {table.row_name, table.rows_name}]
    assert len(names) == len(set(names))


def test_addresses_that_are_reserved_or_taken_are_changed() -> None:
    tables = [{"name": name, "columns": [{"name": "title", "type": "text"}]} for name in ("index", "index_records")]
    app = app_context(schema_of({"name": "Slugs", "tables": tables}), "", frozenset({"index"}))
    assert len({table.slug for table in app.tables} - {"index"}) == 2
