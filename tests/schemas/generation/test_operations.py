"""The closed vocabulary of changes."""

import pytest

from schemas.blueprints import blueprint
from schemas.document import Schema
from schemas.generation.operations import OperationError, apply_all, operations_from_json
from schemas.generation.pipeline import settle
from schemas.validation import validate

BEFORE = blueprint("real_estate").document


def apply(*steps: object) -> Schema:
    return apply_all(BEFORE, operations_from_json(steps))


def test_a_column_that_takes_an_old_name_gets_an_id_of_its_own() -> None:
    schema = apply(
        {"op": "rename_column", "table": "agents", "column": "phone", "new_name": "mobile"},
        {"op": "add_column", "table": "agents", "column": {"name": "phone", "type": "phone"}},
    )

    ids = [column.id for column in schema.table("agents").columns]
    assert len(set(ids)) == len(ids)
    assert schema.table("agents").column("mobile").id == BEFORE.table("agents").column("phone").id


def test_a_dropped_column_leaves_hints_and_indexes() -> None:
    properties = apply({"op": "drop_column", "table": "properties", "column": "status"}).table("properties")

    assert "status" not in properties.ui_hints.list_columns
    assert all("status" not in names for names in properties.indexes)


def test_a_renamed_column_is_renamed_in_hints_and_indexes() -> None:
    step = {"op": "rename_column", "table": "properties", "column": "status", "new_name": "state"}
    properties = apply(step).table("properties")

    assert "state" in properties.ui_hints.list_columns
    assert ("state",) in properties.indexes


def test_a_renamed_table_is_still_pointed_to() -> None:
    schema = apply({"op": "rename_table", "table": "agents", "new_name": "brokers"})

    assert schema.table("properties").column("agent_id").config["to_table"] == "brokers"


def test_another_type_keeps_the_settings_that_it_has_too() -> None:
    step = {"op": "change_column", "table": "properties", "column": "price", "set": {"type": "decimal"}}

    assert "currency" not in apply(step).table("properties").column("price").config


def test_the_result_reads_back_as_itself() -> None:
    relationship = {"from_table": "offers", "from_column": "agent_id", "to_table": "agents"}
    schema = apply({"op": "add_relation", "relationship": relationship})

    assert Schema.from_json(schema.to_json()) == schema


@pytest.mark.parametrize(
    ("step", "part"),
    [
        ("drop table", "is an object"),
        ({"op": "run_sql", "sql": "drop table users"}, "no operation"),
        ({"op": "drop_table"}, "needs `table`"),
        ({"op": "drop_table", "table": ["agents"]}, "needs `table`"),
        ({"op": "drop_table", "table": "nobody"}, "no table 'nobody'"),
        ({"op": "add_table", "table": "agents"}, "object was expected"),
        ({"op": "add_table", "table": {"name": "agents"}}, "already"),
        ({"op": "rename_table", "table": "agents", "new_name": "offers"}, "already"),
        ({"op": "add_column", "table": "agents", "column": {"name": "phone", "type": "text"}}, "already"),
        ({"op": "drop_column", "table": "agents", "column": "id"}, "no column 'id'"),
        ({"op": "rename_column", "table": "agents", "column": "phone", "new_name": "email"}, "already"),
        ({"op": "change_column", "table": "agents", "column": "phone", "set": {"id": "c_x"}}, "must hold the facts"),
        ({"op": "change_column", "table": "agents", "column": "phone", "set": {}}, "must hold the facts"),
        ({"op": "change_column", "table": "agents", "column": "phone", "set": {"label": 3}}, "text was expected"),
        ({"op": "drop_relation", "table": "agents", "column": "phone"}, "is no relation"),
        ({"op": "add_relation", "relationship": {"from_table": "agents"}}, "text was expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(step: object, part: str) -> None:
    with pytest.raises(OperationError, match=part):
        apply(step)


def test_the_last_table_cannot_go() -> None:
    with pytest.raises(OperationError, match="only table"):
        apply(*({"op": "drop_table", "table": table.name} for table in BEFORE))


def test_a_draft_that_starts_anew_leaves_who_sees_the_records() -> None:
    columns = [{"name": "title", "type": "text"}]
    shared = validate({"name": "A", "tables": [{"name": "notes", "access": "project", "columns": columns}]}).schema
    document = {"name": "A", "tables": [{"name": name, "columns": columns} for name in ("notes", "tasks")]}

    settled = settle({"document": document}, shared).schema

    assert settled is not None
    assert [(table.name, table.access) for table in settled] == [("notes", "project"), ("tasks", "private")]
