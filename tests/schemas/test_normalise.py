from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given, settings

from schemas.document import Json, Schema
from schemas.normalise import UNNAMED, normalise
from schemas.validation import validate
from tests.schemas.strategies import documents, json_values


def application(*columns: Json, relationships: list[Json] | None = None, **table: Json) -> Json:
    """An application with agents, and with properties that have the given columns."""
    return {
        "name": "App",
        "tables": [
            {"name": "properties", "columns": [{"name": "address", "type": "text"}, *columns], **table},
            {"name": "agents", "columns": [{"name": "full_name", "type": "text"}]},
        ],
        "relationships": relationships or [],
    }


def read(document: Json, parent: Schema | None = None) -> Schema:
    result = validate(document, parent)
    assert result.schema is not None, result.errors
    return result.schema


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_normalising_never_raises_and_happens_once(data: Json) -> None:
    for document in (data, {"tables": data}, {"tables": [data]}, {"tables": [{"name": "a", "columns": [data]}]}):
        once = normalise(document)
        assert repr(normalise(once)) == repr(once)


@settings(max_examples=50, deadline=None)
@given(documents())
def test_normalising_leaves_its_argument_alone(document: Json) -> None:
    given_document = deepcopy(document)

    normalise(document)

    assert document == given_document


@settings(max_examples=100, deadline=None)
@given(documents())
def test_a_normal_document_stays_as_it_is(document: Json) -> None:
    schema = read(document)

    assert Schema.from_json(normalise(schema.to_json())) == schema
    assert read(schema.to_json(), parent=schema) == schema


@pytest.mark.parametrize(
    "relation",
    [
        {"name": "agent_id", "type": "relation", "to_table": "agents"},
        {"name": "agent", "type": "relation", "to_table": "agents"},
        {"name": "agent", "type": "many_to_one", "to_table": "agents"},
        {"name": "agent_id", "type": "uuid", "references": "agents"},
        {"name": "agent_id", "type": "UUID", "references": "agents(id)"},
        {"name": "agent_id", "type": "uuid", "references": {"table": "agents", "column": "id"}},
    ],
)
def test_a_relation_may_stand_among_the_columns(relation: Json) -> None:
    schema = read(application(relation))

    assert schema.to_json()["relationships"] == [
        {
            "id": "c_agent_id",
            "from_table": "properties",
            "from_column": "agent_id",
            "to_table": "agents",
            "type": "many_to_one",
            "on_delete": "set_null",
        }
    ]


@pytest.mark.parametrize(
    "relation",
    [
        {"from_table": "properties", "to_table": "agents"},
        {"from_table": "properties", "to_table": "agents", "type": "Many-To-One", "to_column": "id"},
        {"from_table": "agents", "to_table": "properties", "type": "one_to_many"},
        {"from_table": "agents", "from_column": "id", "to_table": "properties", "to_column": "agent_id", "type": "1:n"},
    ],
)
def test_a_relation_may_be_written_in_other_ways(relation: Json) -> None:
    schema = read(application(relationships=[relation]))

    column = schema.table("properties").column("agent_id")
    assert dict(column.config) == {"to_table": "agents", "relation": "many_to_one", "on_delete": "set_null"}


@pytest.mark.parametrize("kind", ["many_to_many", "many-to-many", "Many to many", "m2m", "n:m", "manytomany"])
@pytest.mark.parametrize("place", ["relationships", "columns", "kind of a relation"])
def test_links_to_many_records_may_be_written_in_many_ways(kind: str, place: str) -> None:
    if place == "relationships":
        relation = {"from_table": "properties", "from_column": "agents", "to_table": "agents", "type": kind}
        schema = read(application(relationships=[relation]))
    elif place == "columns":
        schema = read(application({"name": "agents", "type": kind, "to_table": "agents"}))
    else:
        schema = read(application({"name": "agents", "type": "relation", "relation": kind, "to_table": "agents"}))

    assert schema.to_json()["relationships"] == [
        {
            "id": "c_agents",
            "from_table": "properties",
            "from_column": "agents",
            "to_table": "agents",
            "type": "many_to_many",
        }
    ]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "agents"),
        ({"from_column": "id", "to_column": "id"}, "agents"),
        ({"from_column": "helpers"}, "helpers"),
        ({"from_column": "helper_id"}, "helpers"),
        ({"from_column": "helper_ids", "on_delete": "CASCADE"}, "helpers"),
        ({"from_column": "staff", "on_delete": "set null", "required": None}, "staff"),
    ],
)
def test_links_to_many_records_are_named_by_what_they_link_to(given: Json, name: str) -> None:
    relation = {"from_table": "properties", "to_table": "agents", "type": "has_and_belongs_to_many", **given}

    column = read(application(relationships=[relation])).table("properties").columns[1]

    assert (column.name, column.type, dict(column.config)) == (name, "many_to_many", {"to_table": "agents"})


def test_a_reference_keeps_the_kind_that_is_written_beside_it() -> None:
    schema = read(
        application(
            {"name": "agents", "type": "many_to_many", "references": "agents"},
            {"name": "owner_id", "type": "one_to_one", "references": "agents(id)"},
        )
    )
    owner, agents = sorted(schema.table("properties").columns[1:], key=lambda column: column.name, reverse=True)

    assert (agents.type, agents.config["to_table"]) == ("many_to_many", "agents")
    assert (owner.config["relation"], owner.unique) == ("one_to_one", True)


def test_a_one_to_one_relation_is_a_unique_column() -> None:
    relation = {"from_table": "properties", "to_table": "agents", "type": "one_to_one"}

    assert read(application(relationships=[relation])).table("properties").column("agent_id").unique


def test_a_required_relation_refuses_the_delete_of_its_target_unless_told_otherwise() -> None:
    relation = {"name": "agent_id", "type": "relation", "to_table": "agents", "nullable": False}

    column = read(application(relation)).table("properties").column("agent_id")

    assert column.required
    assert column.config["on_delete"] == "restrict"


def test_hints_and_indexes_may_call_a_relation_by_what_it_points_to() -> None:
    schema = read(
        application(
            {"name": "agent", "type": "relation", "to_table": "agents"},
            ui_hints={"list_columns": ["address", "agent"]},
            indexes=[["agent"]],
            unique=[["agent", "address"]],
        )
    )
    table = schema.table("properties")

    assert table.ui_hints.list_columns == ("address", "agent_id")
    assert table.indexes == (("agent_id",),)
    assert table.unique == (("agent_id", "address"),)


def test_a_unique_set_of_one_is_a_unique_column() -> None:
    table = read(application(unique=["address"])).table("properties")

    assert table.unique == ()
    assert table.column("address").unique


def test_system_columns_may_be_listed() -> None:
    schema = read(
        application(
            {"name": "id", "type": "uuid", "primary_key": True, "default": "gen_random_uuid()"},
            {"name": "user_id", "type": "uuid", "references": "auth.users(id)"},
            {"name": "created_at", "type": "TIMESTAMPTZ", "default": "NOW()"},
            {"name": "updated_at", "type": "timestamp"},
            relationships=[{"from_table": "properties", "from_column": "user_id", "to_table": "auth.users"}],
        )
    )

    assert [column.name for column in schema.table("properties").columns] == ["address"]


def test_other_words_for_settings_are_understood() -> None:
    schema = read(
        application(
            {"name": "code", "type": "VARCHAR(20)", "nullable": False, "description": "On the sign."},
            {"name": "built_on", "type": "date", "default": "CURRENT_DATE"},
            {"name": "state", "type": "enum", "values": ["for_sale", {"value": "sold", "color": "orange"}]},
            {"name": "note", "type": "text", "default": "", "label": None},
        )
    )
    code, built_on, state, note = schema.table("properties").columns[1:]

    assert (code.type, code.config["max_length"], code.required, code.help_text) == ("text", 20, True, "On the sign.")
    assert built_on.default == "today"
    assert [dict(option) for option in state.config["options"]] == [
        {"value": "for_sale", "label": "For sale", "color": "gray"},
        {"value": "sold", "label": "Sold", "color": "amber"},
    ]
    assert note.default is None


def test_what_is_missing_at_the_top_is_filled_in() -> None:
    tables = [{"name": "notes", "columns": [{"name": "title", "type": "text"}]}]
    schema = read({"tables": tables})
    named = read({"name": "Notes", "version": "2", "tables": tables})

    assert (schema.name, schema.version) == (UNNAMED, "1.0.0")
    assert (named.name, named.version) == ("Notes", "2.0.0")
    assert read({"tables": tables}, parent=named).name == "Notes"


def test_labels_follow_the_name() -> None:
    properties, agents = read(application()).tables

    assert (properties.label, properties.label_plural) == ("Property", "Properties")
    assert (agents.column("full_name").title, agents.label) == ("Full name", "Agent")


# Ids


def notes(*columns: Json, name: str = "notes", **table: Json) -> Json:
    return {"name": "App", "tables": [{"name": name, "columns": list(columns), **table}]}


def text(name: str, **settings: Json) -> Json:
    return {"name": name, "type": "text", **settings}


def ids(schema: Schema) -> dict[str, str]:
    return {column.name: column.id for table in schema for column in table.columns}


def test_a_rename_keeps_the_id() -> None:
    first = read(notes(text("title"), text("body")))

    second = read(notes(text("headline", renamed_from="title"), text("body")), first)
    third = read(notes(text("headline"), text("body"), name="papers", renamed_from="notes"), second)

    assert ids(second) == ids(third) == {"headline": "c_title", "body": "c_body"}
    assert third.tables[0].id == "t_notes"


def test_a_rename_that_was_made_before_changes_nothing() -> None:
    document = notes(text("headline", renamed_from="title"), text("title"))
    first = read(notes(text("title")))
    second = read(document, first)

    assert ids(second) == {"headline": "c_title", "title": "c_title_2"}
    assert ids(read(document, second)) == ids(second)


def test_two_columns_may_swap_their_names() -> None:
    first = read(notes(text("one"), text("two")))

    second = read(notes(text("one", renamed_from="two"), text("two", renamed_from="one")), first)

    assert ids(second) == {"one": "c_two", "two": "c_one"}


def test_a_new_column_never_gets_the_id_of_another_one() -> None:
    first = read(notes(text("title")))
    second = read(notes(text("headline", renamed_from="title")), first)

    third = read(notes(text("headline"), text("title")), second)

    assert ids(third) == {"headline": "c_title", "title": "c_title_2"}


def test_ids_that_a_document_gives_itself_stay() -> None:
    schema = read(notes(text("title", id="c_abc"), text("abc"), id="t_xyz"), read(notes(text("title"))))

    assert schema.tables[0].id == "t_xyz"
    assert ids(schema) == {"title": "c_abc", "abc": "c_abc_2"}


def test_long_names_get_ids_of_their_own() -> None:
    names = [f"{'long_' * 10}{number}" for number in range(3)]

    given_ids = ids(read(notes(*map(text, names))))

    assert len(set(given_ids.values())) == 3
    assert all(len(value) <= 29 for value in given_ids.values())


def test_ids_do_not_depend_on_the_order_of_keys() -> None:
    document = notes(text("title"), text("body"))
    reordered = json.loads(json.dumps(document, sort_keys=True))

    assert read(document).canonical_bytes() == read(reordered).canonical_bytes()
