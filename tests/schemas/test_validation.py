from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType

import pytest
from django.test import override_settings
from hypothesis import given, settings

from schemas.document import Json
from schemas.problems import Code
from schemas.validation import Validation, validate, validate_text
from schemas.validation.report import MAX_PROBLEMS
from tests.schemas.strategies import documents, json_values

TITLE = {"name": "title", "type": "text"}


def codes(document: Json) -> list[str]:
    return [problem.code for problem in validate(document).errors]


def table(name: str, *columns: Json, **settings: Json) -> Json:
    return {"name": name, "columns": [*columns] or [TITLE], **settings}


def application(*tables: Json, relationships: list[Json] | None = None) -> Json:
    return {"name": "App", "tables": list(tables), "relationships": relationships or []}


def largest(tables: int) -> Json:
    """A document with as many columns a table as there may be."""
    columns = [{"name": f"column_{i}", "type": "text", "default": "x"} for i in range(200)]
    return application(*[table(f"table_{i}", *columns, indexes=[["column_1"]]) for i in range(tables)])


def counted(work: Callable[[], Validation]) -> tuple[Validation, int]:
    """What some work returns and how many calls of functions it makes: a measure of it that no other load sways."""
    calls = 0

    def note(_frame: FrameType, event: str, _function: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    return result, calls


@pytest.fixture(scope="module")
def large_one() -> int:
    """The calls that the largest document takes, be it as long as it must."""
    with override_settings(SCHEMA_MAX_BYTES=10_000_000):
        result, calls = counted(lambda: validate(largest(100)))
    assert result.valid
    return calls


# Any input


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_validating_never_raises(data: Json) -> None:
    column = {"name": "title", "type": "text"}
    for document in (
        data,
        {"tables": data, "relationships": data},
        {"tables": [data], "relationships": [data], "name": data, "version": data},
        {"tables": [{"name": "a", "columns": data, "ui_hints": data, "indexes": data, "unique": data, "access": data}]},
        {"tables": [{"name": "a", "columns": [data, column], "indexes": [data], "unique": [data]}]},
        {"tables": [{"name": "a", "columns": [{**column, "name": data}, {**column, "type": data}], "id": data}]},
        {"tables": [{"name": "a", "columns": [{**column, "default": data, "id": data, "label": data}]}]},
        {"tables": [{"name": "a", "columns": [column], "ui_hints": {"title_column": data, "list_columns": [data]}}]},
        {
            "tables": [table("a")],
            "relationships": [{"from_table": "a", "to_table": data, "type": data, "on_delete": data}],
        },
        {"tables": [table("a")], "relationships": [{"from_table": data, "to_table": "a", "from_column": data}]},
    ):
        result = validate(document)
        assert result.valid == (not result.errors)
        json.dumps(result.to_json())


@settings(max_examples=100, deadline=None)
@given(documents())
def test_documents_without_faults_are_valid(document: Json) -> None:
    assert validate(document).errors == ()


@pytest.mark.parametrize("key", [5, None, ("a",), b"a"])
def test_keys_that_are_no_texts_are_reported(key: object) -> None:
    assert codes({**application(table("a")), key: 1}) == [Code.WRONG_TYPE]


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), (1,)])
def test_what_json_cannot_say_is_reported(value: object) -> None:
    assert codes({**application(table("a")), "name": value}) == [Code.WRONG_TYPE]


def test_a_document_that_contains_itself_is_too_deep() -> None:
    endless: list[Json] = []
    endless.append(endless)

    assert codes({"name": endless}) == [Code.TOO_DEEP]


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"name": "' + "x" * 10_000_000 + '"}', Code.TOO_LARGE),
        ('{"tables": [' + "0," * 1_000_000 + "0]}", Code.TOO_LARGE),
        ('{"name": ' + nested(10_000) + "}", Code.TOO_DEEP),
        ('{"name": ' + nested(500) + "}", Code.TOO_DEEP),
        ('{"name": ' + "9" * 4000 + ', "tables": []}', Code.INVALID_NUMBER),
        ('{"name": ' + "9" * 5000 + "}", Code.NOT_JSON),
        ('{"tables": NaN}', Code.INVALID_NUMBER),
        ('{"name": "a\\u0000", "tables": []}', Code.INVALID_TEXT),
        ('{"a\\ud800": 1, "tables": []}', Code.INVALID_TEXT),
        ('{"name": "App", "tables": [], "version": "' + " " * 200_000 + 'x"}', Code.INVALID_VERSION),
        ("", Code.NOT_JSON),
    ],
)
def test_hostile_text_is_refused_with_next_to_no_work(text: str, code: str) -> None:
    result, calls = counted(lambda: validate_text(text))

    assert calls < 1_000
    assert {problem.code for problem in result.problems} - {Code.NO_TABLES} == {code}


@pytest.mark.parametrize(
    "document",
    [
        application(table("a", *[{"name": f"c{i}", "type": "txt"} for i in range(8000)])),
        application(*[{"name": "a"} for _ in range(18_000)]),
        application(table("a", indexes=[{"columns": ["x"]}] * 12_000)),
        application(table("a", *[{"name": f"c{i}", "type": "text"} for i in range(3000)], indexes=[["z"]] * 12_000)),
        application(table("a", ui_hints={"list_columns": ["x"] * 60_000})),
        application(
            *[table(f"t{i}") for i in range(100)],
            relationships=[
                {
                    "from_table": f"t{i % 100}",
                    "to_table": f"t{i * 7 % 100}",
                    "from_column": f"c{i}_id",
                    "required": True,
                }
                for i in range(2000)
            ],
        ),
        application(table("a", {"name": "s", "type": "select", "options": ["a"] * 400}, indexes=[["s"]] * 20_000)),
    ],
)
def test_a_document_full_of_faults_costs_no_more_than_two_large_ones(document: Json, large_one: int) -> None:
    result, calls = counted(lambda: validate(document))

    assert calls < 2 * large_one
    assert result.errors
    assert len(result.problems) <= MAX_PROBLEMS


def test_errors_count_even_when_they_are_too_many_to_tell() -> None:
    warnings = [{"name": f"t{i}", "columns": [TITLE]} for i in range(MAX_PROBLEMS)]
    result = validate({"name": "App", "hint": 1, "tables": [*warnings], "relationships": []} | {"version": "x"})

    assert not result.valid


def test_the_work_grows_with_the_document_and_no_faster(large_one: int) -> None:
    result, calls = counted(lambda: validate(largest(10)))

    assert result.valid
    assert large_one < 11 * calls


def test_the_largest_document_needs_little_memory(settings) -> None:
    settings.SCHEMA_MAX_BYTES = 10_000_000
    document = largest(100)
    tracemalloc.start()

    validate(document)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000_000


# What is said


def test_all_problems_are_reported_at_once_each_with_its_place() -> None:
    document = application(
        table("a", {"name": "Title", "type": "text"}, {"name": "size", "type": "number", "default": "x"}),
        table("a", {"name": "b", "type": "nothing"}, access="all"),
        relationships=[{"from_table": "a", "to_table": "c", "type": "many_to_one", "on_delete": "explode"}],
    )

    found = {(problem.code, problem.path) for problem in validate(document).errors}

    assert found == {
        ("invalid_name", "$.tables[0].columns[0].name"),
        ("invalid_default", "$.tables[0].columns[1].default"),
        ("duplicate_name", "$.tables[1].name"),
        ("unknown_type", "$.tables[1].columns[0].type"),
        ("invalid_access", "$.tables[1].access"),
        ("unknown_table", "$.relationships[0].to_table"),
        ("invalid_on_delete", "$.relationships[0].on_delete"),
    }


def test_what_cannot_be_stored_hides_no_other_problem() -> None:
    document = application(
        table("a", {"name": "one", "type": "integer", "max": float("inf")}, {"name": "two", "type": "txt"}),
        table("b", TITLE, description="half \ud800 of it", access="all"),
    )

    found = {(problem.code, problem.path) for problem in validate(document).errors}

    assert found == {
        ("invalid_number", "$.tables[0].columns[0].max"),
        ("unknown_type", "$.tables[0].columns[1].type"),
        ("invalid_text", "$.tables[1].description"),
        ("invalid_access", "$.tables[1].access"),
    }


def test_places_in_shorthands_are_where_their_author_wrote_them() -> None:
    document = application(
        table(
            "a",
            {"name": "kind", "type": "select", "choices": ["x ", {"value": "y", "color": "pink-ish"}]},
            TITLE,
            indexes=[["title", "nowhere"], "elsewhere"],
            unique=["title", ["kind", "title", "kind"], {"columns": ["nothing"]}],
        )
    )

    found = {(problem.code, problem.path) for problem in validate(document).errors}

    assert found == {
        ("invalid_option", "$.tables[0].columns[0].choices[0]"),
        ("invalid_option", "$.tables[0].columns[0].choices[1].color"),
        ("unknown_column", "$.tables[0].indexes[0][1]"),
        ("unknown_column", "$.tables[0].indexes[1]"),
        ("invalid_index", "$.tables[0].unique[1][2]"),
        ("unknown_column", "$.tables[0].unique[2].columns[0]"),
    }


def test_places_are_those_of_the_document_that_was_given() -> None:
    document = application(
        table(
            "notes",
            {"name": "id", "type": "uuid"},
            {"name": "file", "type": "relation", "to_table": "nowhere", "relation": "many_to_some"},
            {"name": "Title", "type": "text"},
        ),
        relationships=[
            {"from_table": "notes", "from_column": "user_id", "to_table": "auth.users"},
            {"from_table": "x"},
        ],
    )

    found = [(problem.code, problem.path) for problem in validate(document).errors]

    assert sorted(found) == [
        ("invalid_name", "$.tables[0].columns[2].name"),
        ("invalid_relation", "$.tables[0].columns[1].relation"),
        ("missing_key", "$.relationships[1].from_column"),
        ("missing_key", "$.relationships[1].to_table"),
        ("unknown_table", "$.relationships[1].from_table"),
        ("unknown_table", "$.tables[0].columns[1].to_table"),
    ]


def test_a_fix_names_what_was_probably_meant() -> None:
    result = validate(application(table("notes", {"name": "title", "type": "txet", "requierd": True})))

    assert [problem.fix for problem in result.errors] == ['Did you mean "text"?']
    column = {"name": "title", "type": "text", "requierd": True}
    assert [problem.fix for problem in validate(application(table("notes", column))).errors] == [
        'Did you mean "required"?'
    ]


def test_a_column_of_an_unknown_type_causes_no_further_problems() -> None:
    notes = table("notes", {"name": "title", "type": "txt"}, ui_hints={"title_column": "title"}, indexes=[["title"]])

    assert codes(application(notes)) == [Code.UNKNOWN_TYPE]


def test_long_values_are_shortened_in_sentences() -> None:
    (problem,) = validate(application(table("notes", {"name": "title", "type": "x" * 100_000}))).errors

    assert len(problem.detail) < 200


# Relations


def link(source: str, target: str, **settings: Json) -> Json:
    return {"from_table": source, "to_table": target, "from_column": f"{target}_id", **settings}


def test_every_circle_of_required_relations_is_reported_once() -> None:
    required = {"required": True, "on_delete": "cascade"}
    tables = [table(name) for name in "abcdefg"]
    relationships = [
        link("a", "b", **required), link("b", "c", **required), link("c", "a", **required),
        link("d", "d", **required), link("e", "a", **required), link("f", "g", **required), link("g", "f"),
    ]  # fmt: skip

    problems = validate(application(*tables, relationships=relationships)).errors

    assert [problem.code for problem in problems] == [Code.REQUIRED_CYCLE] * 2
    assert {problem.path.split(".")[1] for problem in problems} <= {f"relationships[{i}]" for i in range(4)}
    assert any("d -> d" in problem.detail for problem in problems)


def test_circles_of_optional_relations_and_links_to_oneself_are_fine() -> None:
    relationships = [link("a", "b"), link("b", "a", required=True, on_delete="restrict"), link("a", "a")]

    assert codes(application(table("a"), table("b"), relationships=relationships)) == []


@pytest.mark.parametrize(
    ("column", "relation", "code"),
    [
        ("company", "company_id", Code.NAME_CLASH),
        ("company_id", "company_id", Code.DUPLICATE_NAME),
        ("company_name", "company_id", None),
        ("company_name", "save_id", Code.RESERVED_NAME),
        ("company_name", "class_id", None),
        ("company_name", "created_at_id", Code.NAME_CLASH),
        ("company_name", "user_id", Code.SYSTEM_COLUMN),
    ],
)
def test_relations_and_columns_share_their_names(column: str, relation: str, code: str | None) -> None:
    document = application(
        table("deals", {"name": column, "type": "text"}),
        table("companies"),
        relationships=[{"from_table": "deals", "from_column": relation, "to_table": "companies"}],
    )

    assert codes(document) == ([code] if code else [])


@pytest.mark.parametrize("names", [("deals", "deals"), ("real_estate", "realestate")])
def test_tables_that_would_share_a_model_are_refused(names: tuple[str, str]) -> None:
    assert codes(application(*map(table, names))) in ([Code.DUPLICATE_NAME], [Code.NAME_CLASH])


def test_keywords_of_sql_are_fine_as_names() -> None:
    document = application(table("order", {"name": "select", "type": "text"}, {"name": "user", "type": "text"}))

    assert codes(document) == []


def test_a_table_of_nothing_but_relations_is_fine() -> None:
    document = {
        "name": "App",
        "tables": [{"name": "visits", "columns": []}, table("places")],
        "relationships": [link("visits", "places")],
    }

    assert codes(document) == []
