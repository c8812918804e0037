"""What a machine mends in a document, and that it never does harm."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import Json
from schemas.problems import Code
from schemas.validation import validate
from schemas.validation.mending import mend, mend_text
from tests.schemas.strategies import documents, json_values

TITLE = {"name": "title", "type": "text"}


def application(*tables: Json, relationships: list[Json] | None = None, **settings: Json) -> Json:
    return {"name": "App", "tables": list(tables), "relationships": relationships or [], **settings}


def leads(*columns: Json, **settings: Json) -> Json:
    """A document with one table, in which nothing but the given is to be mended."""
    hints = {"title_column": "title", **settings.pop("ui_hints", {})}
    return application({"name": "leads", "ui_hints": hints, "columns": [TITLE, *columns], **settings})


def select(*options: Json, **settings: Json) -> Json:
    return leads({"name": "status", "type": "select", "options": list(options), **settings})


def linked(**settings: Json) -> Json:
    relation = {"from_table": "leads", "from_column": "company_id", "to_table": "companies", **settings}
    companies = {"name": "companies", "ui_hints": {"title_column": "title"}, "columns": [TITLE]}
    return application(leads()["tables"][0], companies, relationships=[relation])


EXAMPLES = [
    (Code.INVALID_NAME, leads({"name": "Due Date", "type": "date"}), leads({"name": "due_date", "type": "date"})),
    (Code.INVALID_NAME, leads({"name": "dueDate", "type": "date"}), leads({"name": "due_date", "type": "date"})),
    (Code.INVALID_NAME, leads({"name": "st\u0430ge", "type": "text"}), leads({"name": "stage", "type": "text"})),
    (Code.INVALID_NAME, leads({"name": "st\u200bage", "type": "text"}), leads({"name": "stage", "type": "text"})),
    (
        Code.INVALID_NAME,
        leads({"name": "Gro\u0308ße", "type": "integer"}),
        leads({"name": "grosse", "type": "integer", "label": "Gro\u0308ße"}),
    ),
    (Code.INVALID_VERSION, {**leads(), "version": "v2"}, {**leads(), "version": "2.0.0"}),
    (Code.INVALID_VERSION, {**leads(), "version": " 01.2 "}, {**leads(), "version": "1.2.0"}),
    (Code.WRONG_TYPE, {**leads(), "version": 2}, {**leads(), "version": "2.0.0"}),
    (Code.INVALID_TEXT, leads(description="New\0 ones"), leads(description="New ones")),
    (Code.INVISIBLE_CHARACTER, {**leads(), "name": "A\u202epp"}, {**leads(), "name": "App"}),
    (Code.INVISIBLE_CHARACTER, leads(ui_hints={"label": "Le\u00adad"}), leads(ui_hints={"label": "Lead"})),
    (Code.INVISIBLE_CHARACTER, select("ne\u200bw", default="ne\u200bw"), select("new", default="new")),
    (Code.INVALID_OPTION, select({"value": " new "}, default=" new "), select({"value": "new"}, default="new")),
    (Code.DUPLICATE_OPTION, select("new", "old", "new"), select("new", "old")),
    (Code.UNKNOWN_KEY, leads(partition=None), leads()),
    (Code.UNKNOWN_KEY, {**leads(), "author": "Ada"}, leads()),
    (Code.UNKNOWN_KEY, leads(ui_hints={"width": 12}), leads()),
    (
        Code.UNKNOWN_COLUMN,
        leads(ui_hints={"list_columns": ["title", "zzz"]}),
        leads(ui_hints={"list_columns": ["title"]}),
    ),
    (Code.UNKNOWN_COLUMN, leads(ui_hints={"default_sort": "-Title"}), leads(ui_hints={"default_sort": "-title"})),
    (Code.INVALID_INDEX, leads(indexes=[["title", "title"]]), leads(indexes=[["title"]])),
    (
        Code.INVALID_INDEX,
        leads(unique=["title", {"columns": ["title", "created_at", "title"]}]),
        leads(unique=["title", {"columns": ["title", "created_at"]}]),
    ),
    (
        Code.INVALID_DEFAULT,
        leads({"name": "n", "type": "integer", "default": "5"}),
        leads({"name": "n", "type": "integer", "default": 5}),
    ),
    (
        Code.INVALID_DEFAULT,
        leads({"name": "b", "type": "boolean", "default": "no"}),
        leads({"name": "b", "type": "boolean", "default": False}),
    ),
    (Code.INVALID_ACCESS, leads(access="Project"), leads(access="project")),
    (Code.INVALID_ICON, leads(ui_hints={"icon": "Home-Work"}), leads(ui_hints={"icon": "home_work"})),
    (Code.INVALID_ID, leads(id="3F-1"), leads()),
    (
        Code.DUPLICATE_ID,
        leads({"id": "c_1", **TITLE, "name": "a"}, {"id": "c_1", "name": "b", "type": "text"}),
        leads({"id": "c_1", **TITLE, "name": "a"}, {"name": "b", "type": "text"}),
    ),
    (
        Code.DUPLICATE_ID,
        leads({"id": "c_b", **TITLE, "name": "a"}, {"id": "c_b", "name": "b", "type": "text"}),
        leads({**TITLE, "name": "a"}, {"id": "c_b", "name": "b", "type": "text"}),
    ),
    (Code.REQUIRED_SET_NULL, linked(required=True, on_delete="set_null"), linked(required=True, on_delete="restrict")),
    (
        Code.NO_TITLE_COLUMN,
        application({"name": "leads", "columns": [TITLE]}),
        application({"name": "leads", "columns": [TITLE], "ui_hints": {"title_column": "title"}}),
    ),
]
"""A problem, a document that has no other, and the document mended."""

MENDED_CODES = {code for code, _, _ in EXAMPLES} - {Code.WRONG_TYPE}
"""What docs/schema-problems.md says of. Of what has the wrong type, only a version that is a number is certain."""


@pytest.mark.parametrize(("code", "broken", "mended"), EXAMPLES)
def test_what_needs_no_guessing_is_mended(code: str, broken: Json, mended: Json) -> None:
    result = mend(broken)

    assert [problem.code for problem in result.mended] == [code]
    assert result.data == mended
    assert [problem for problem in result.left.problems if problem.mend] == []
    assert result.left.valid


@pytest.mark.parametrize(
    "document",
    [
        leads({"name": "Status", "type": "text"}, {"name": "status", "type": "text"}),
        leads({"name": "due date", "type": "date"}, {"name": "due_date", "type": "date"}),
        leads({"name": "Статус", "type": "text"}),
        leads({"name": "2nd", "type": "text"}),
        leads({"name": "ID", "type": "text"}),
        leads({"name": "Class", "type": "text"}),
        leads({"name": "Company", "type": "text"}, {"name": "company_id", "type": "relation", "to_table": "leads"}),
        leads({"name": "x" * 70, "type": "text"}),
        application({"name": "Real Estate", "columns": [TITLE]}, {"name": "realestate", "columns": [TITLE]}),
        {**leads(), "version": "two"},
        {**leads(), "relationship": []} | {"relationship": [{"from_table": "leads"}]},
        {**leads(), "_note": "by Ada"},
        leads({**TITLE, "name": "a", "max_lenght": 3}),
        leads({**TITLE, "name": "a", "encrypted": True}),
        leads(ui_hints={"list_columns": ["titel"]}),
        leads(indexes=[["zzz"]]),
        select("new", "New"),
        select("ne\u200bw", "new"),
        leads(access="everyone"),
        leads({"name": "n", "type": "integer", "default": "many"}),
        linked(on_delete="archive"),
    ],
)
def test_what_would_be_a_guess_is_left_to_the_author(document: Json) -> None:
    before = validate(document).problems

    result = mend(document)

    told = {(problem.code, problem.path) for problem in before if problem.code != Code.NO_TITLE_COLUMN}
    assert told
    assert told <= {(problem.code, problem.path) for problem in result.left.problems}


def test_a_name_changes_wherever_it_stands() -> None:
    document = application(
        {
            "name": "Real Estate",
            "ui_hints": {
                "title_column": "Due Date",
                "list_columns": ["Due Date", "Home Owner"],
                "default_sort": "-Due Date",
            },
            "columns": [{"name": "Due Date", "type": "date"}, {"name": "Size", "type": "integer"}],
            "indexes": ["Size", ["Due Date", "Size"], {"columns": ["Due Date"], "name": "by date"}],
            "unique": ["Size", ["Due Date", "Home Owner"]],
        },
        {
            "name": "People",
            "ui_hints": {"title_column": "Size"},
            "columns": [
                {"name": "Size", "type": "text"},
                {"name": "flat", "type": "relation", "to_table": "Real Estate"},
                {"name": "house", "type": "uuid", "references": "Real Estate(id)"},
            ],
        },
        relationships=[{"from_table": "Real Estate", "from_column": "Home Owner", "to_table": "People"}],
    )

    result = mend(document)

    assert result.left.problems == ()
    assert result.data == json.loads(
        json.dumps(document)
        .replace("Real Estate", "real_estate")
        .replace("Due Date", "due_date")
        .replace("Size", "size")
        .replace("Home Owner", "home_owner")
        .replace("People", "people")
    )


def test_what_a_rename_leaves_alone() -> None:
    other = {"name": "calls", "columns": [{"name": "due_date", "type": "text", "label": "Due Date"}]}
    document = leads({"name": "Due Date", "type": "date", "renamed_from": "Old Name", "help_text": "Due Date"})
    document["tables"].append(other)

    result = mend(document)

    column = result.data["tables"][0]["columns"][1]
    assert column == {"name": "due_date", "type": "date", "renamed_from": "Old Name", "help_text": "Due Date"}
    assert result.data["tables"][1]["columns"] == other["columns"]


def test_more_problems_than_a_report_names_are_mended() -> None:
    columns = [{"name": f"Column {number}", "type": "text"} for number in range(199)]
    document = application(*({"name": f"Table {number}", "columns": copy.deepcopy(columns)} for number in range(3)))

    result = mend(document)

    assert {problem.code for problem in result.left.problems} == {Code.UNLINKED_TABLE}
    assert [problem.code for problem in result.mended].count(Code.INVALID_NAME) == 3 * 199 + 3


# Any document


@settings(max_examples=100, deadline=None)
@given(documents())
def test_a_document_without_problems_stays_as_it_is(document: Json) -> None:
    result = mend(document)

    assert result.data is document
    assert result.mended == ()


STRANGE = (str.upper, str.title, lambda text: f" {text}", lambda text: f"{text[:1]}\u200b{text[1:]}",
           lambda text: text.replace("a", "\u0430"), lambda text: f"{text}\u0308", lambda text: text + "\0",
           lambda text: text.replace("_", " "), lambda text: f"-{text}", lambda text: "")  # fmt: skip


def places(document: Json) -> list[tuple[Json, Json]]:
    """Every list or object of a document with each of its positions or keys."""
    if isinstance(document, dict):
        own = [(document, key) for key in document]
        return own + [place for value in document.values() for place in places(value)]
    if isinstance(document, list):
        own = [(document, number) for number in range(len(document))]
        return own + [place for value in document for place in places(value)]
    return []


@st.composite
def broken_documents(draw: st.DrawFn) -> Json:
    """A valid document in which a few things were changed for the worse."""
    document = copy.deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 6))):
        found = places(document)
        if not found:
            break
        owner, key = draw(st.sampled_from(found))
        match draw(st.sampled_from(["text", "text", "text", "value", "remove", "repeat", "add"])):
            case "text" if isinstance(owner[key], str):
                owner[key] = draw(st.sampled_from(STRANGE))(owner[key])
            case "value":
                owner[key] = copy.deepcopy(draw(json_values))
            case "remove":
                del owner[key]
            case "repeat" if isinstance(owner, list):
                owner.append(copy.deepcopy(owner[key]))
            case "add" if isinstance(owner, dict):
                owner[draw(st.sampled_from(["note", "_note", "titel", "required", "id"]))] = copy.deepcopy(
                    draw(json_values)
                )
    return document


@settings(max_examples=300, deadline=None)
@given(broken_documents())
def test_mending_does_no_harm(document: Json) -> None:
    before, original = validate(document), copy.deepcopy(document)

    result = mend(document)

    assert repr(document) == repr(original)
    assert len(result.left.errors) <= len(before.errors)
    assert repr(result.left) == repr(validate(result.data))
    again = mend(result.data)
    assert again.mended == ()
    assert again.data is result.data


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_mending_never_raises(data: Json) -> None:
    for document in (data, {"tables": data}, {"tables": [{"name": "A b", "columns": data, "ui_hints": data}]}):
        mend(document)


# Text


def test_text_is_written_with_two_spaces_and_its_keys_in_their_order() -> None:
    text = """{"version":"v1", "tables":[{"columns":[{"type":"text","name":"title"}],

      "name":"leads", "ui_hints":{"title_column":"title", "label": "Prospé"}}], "name":"App"}"""

    result = mend_text(text.encode())

    assert result.text == json.dumps(json.loads(text) | {"version": "1.0.0"}, indent=2, ensure_ascii=False) + "\n"
    assert list(json.loads(result.text)) == ["version", "tables", "name"]
    assert mend_text(result.text.encode()).text == result.text


def test_numbers_that_the_api_would_round_are_not_touched() -> None:
    text = json.dumps({**leads({"name": "n", "type": "decimal", "max": 10**30 + 1}), "version": "v1"})

    assert str(10**30 + 1) in mend_text(text.encode()).text


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 5000])
def test_what_is_no_document_gives_no_text(text: bytes) -> None:
    result = mend_text(text)

    assert result.text == ""
    assert not result.left.valid


def test_text_without_anything_to_mend_stays_as_it_is() -> None:
    text = json.dumps(leads(), indent=7).encode("utf-16")

    assert mend_text(text).text == text.decode("utf-16")


def test_half_characters_that_stay_are_written_as_escapes() -> None:
    text = json.dumps({**leads({"name": "x", "type": "text", "default": "\ud800"}), "version": "v1"})

    result = mend_text(text.encode())

    assert '"\\ud800"' in result.text
    assert [problem.code for problem in result.left.errors] == [Code.INVALID_TEXT]
