"""What is said about the changes between two versions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.changes import (
    AddColumn,
    AddIndex,
    AddTable,
    AddUnique,
    ChangeColumn,
    ChangeSchema,
    ChangeTable,
    DropColumn,
    DropIndex,
    DropTable,
    DropUnique,
    RenameColumn,
    RenameTable,
)
from schemas.diff import apply, diff
from schemas.document import Json, Schema
from tests.schemas.applications import application as schema
from tests.schemas.applications import text


def sentences(before: Schema | None, after: Schema) -> list[str]:
    return [change.describe() for change in diff(before, after)]


TITLE = {"name": "title", "type": "text"}

PRICE = {"name": "price", "type": "decimal"}

STATE = {"name": "state", "type": "select", "options": ["open", "done"]}

FILES = {"name": "files", "type": "attachment"}

NUMBER = {"name": "number", "type": "auto_number"}

CALL = {"name": "call", "type": "phone"}


@pytest.mark.parametrize(
    ("before", "settings", "words"),
    [
        (TITLE, {"required": True}, "now required"),
        (
            TITLE,
            {"required": True, "default": "x"},
            'now required, and filled with the default where it is empty, default "x"',
        ),
        ({**TITLE, "required": True}, {"required": False}, "now optional"),
        (TITLE, {"unique": True}, "now unique"),
        ({**TITLE, "unique": True}, {"unique": False}, "no longer unique"),
        ({**TITLE, "default": "x"}, {"default": "It's\tme"}, 'default "It\'s me" instead of "x"'),
        ({**TITLE, "default": "x"}, {"default": None}, "no default any more"),
        ({"name": "paid", "type": "boolean"}, {"default": True}, "default yes"),
        ({"name": "count", "type": "integer", "default": 1}, {"default": 2}, "default 2 instead of 1"),
        ({"name": "facts", "type": "json"}, {"default": {"a": 1}}, "default another value"),
        ({**STATE, "type": "multi_select"}, {"default": ["open", "done"]}, 'default "open" and "done"'),
        (TITLE, {"max_length": 100}, "at most 100 characters instead of 255"),
        (TITLE, {"max_length": 255}, "max_length written out, unchanged"),
        ({**TITLE, "max_length": 255}, {"max_length": None}, "max_length left out, unchanged"),
        (PRICE, {"precision": 10, "scale": 3}, "10 digits in all instead of 12, 3 digits after the point instead of 2"),
        (PRICE, {"min": 0, "max": "99.5"}, "at least 0, at most 99.5"),
        ({**PRICE, "min": 0, "max": 5}, {"min": 1, "max": None}, "at least 1 instead of 0, no largest value any more"),
        ({**PRICE, "type": "currency"}, {"currency": "EUR"}, "amounts in EUR instead of USD"),
        ({"name": "stars", "type": "rating"}, {"max": 10}, "at most 10 instead of 5"),
        (CALL, {"country": "DE"}, "numbers of DE"),
        ({**CALL, "country": "DE"}, {"country": None}, "numbers of any country"),
        (
            FILES,
            {"max_files": 2, "max_size_mb": 5},
            "at most 2 files instead of 10, files of at most 5 MB instead of 10",
        ),
        (FILES, {"accept": [".pdf", "image/*"]}, "files of the kinds .pdf and image/*"),
        ({**FILES, "accept": [".pdf"]}, {"accept": None}, "files of any kind"),
        (
            NUMBER,
            {"prefix": "INV-", "padding": 6},
            'numbers begin with "INV-", numbers of at least 6 digits instead of 4',
        ),
        (NUMBER, {"start": 1000}, "numbers start at 1000 instead of 1"),
        (TITLE, {"type": "integer"}, "type whole number instead of text"),
        (TITLE, {**STATE, "name": "title"}, 'type select instead of text, new options "Open" and "Done"'),
        (TITLE, {"type": "currency", "currency": "EUR"}, "type currency instead of text, amounts in EUR"),
        (TITLE, {"type": "url"}, "type URL instead of text"),
        (
            TITLE,
            {"label": "Heading", "help_text": "Short.\nAnd clear."},
            'label "Heading", help text "Short. And clear."',
        ),
        ({**TITLE, "label": "Heading"}, {"label": None}, "no label of its own any more"),
        (STATE, {"options": ["open", "late", "done"]}, 'new option "Late"'),
        (STATE, {"options": ["open"]}, 'without the option "Done"'),
        (STATE, {"options": ["open", "won", "lost"]}, 'new options "Won" and "Lost", without the option "Done"'),
        (STATE, {"options": ["done", "open"]}, "options in another order"),
        (STATE, {"options": [{"value": "open", "label": "To do"}, "done"]}, 'the option "Open" is called "To do"'),
        (
            STATE,
            {"options": [{"value": name, "label": name.upper()} for name in ("open", "done")]},
            'the option "Open" is called "OPEN", the option "Done" is called "DONE"',
        ),
        (STATE, {"options": ["open", {"value": "done", "color": "green"}]}, 'another colour for the option "Done"'),
        (
            STATE,
            {"options": ["open", "done", *(f"n{i}" for i in range(9))]},
            'new options "N0", "N1", "N2", "N3", "N4" and 4 more',
        ),
    ],
)
def test_the_sentence_of_a_changed_column_names_what_differs(before: Json, settings: Json, words: str) -> None:
    first = schema({"notes": {"columns": [*text("name"), before]}})
    column = {key: value for key, value in {**before, **settings}.items() if value is not None}
    second = schema({"notes": {"columns": [*text("name"), column]}}, parent=first)

    assert sentences(first, second) == [f"Change {before['name']} of notes: {words}."]


LINK = {"from_table": "notes", "from_column": "file_id", "to_table": "files"}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"to_table": "pages"}, "points to pages"),
        ({"to_table": "pages", "label": "Page"}, 'points to pages, label "Page"'),
        ({"on_delete": "cascade"}, "deleting a linked record deletes these records too"),
        ({"on_delete": "restrict"}, "deleting a linked record is refused while these records link to it"),
        ({"type": "one_to_one"}, "now unique, one to one instead of many to one"),
        (
            {"type": "many_to_many", "id": "c_file_id", "from_column": "file"},
            "type links to files instead of link to files",
        ),
    ],
)
def test_the_sentence_of_a_changed_relation_names_what_differs(link: Json, words: str) -> None:
    tables = {name: {"columns": text("title")} for name in ("notes", "files", "pages")}
    before = schema(tables, [LINK])
    after = schema(tables, [{**LINK, **link}], before)

    changed = [sentence for sentence in sentences(before, after) if not sentence.startswith("Rename")]

    assert changed == [f"Change {after.table('notes').columns[1].name} of notes: {words}."]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"access": "project"}, "every member of the project sees and changes all records"),
        ({"description": "All of them."}, "another description"),
        (
            {"ui_hints": {"label": "Memo", "label_plural": "Memos", "icon": "note"}},
            'one record is called "Memo", several records are called "Memos", icon "note"',
        ),
        ({"ui_hints": {"title_column": "body"}}, "records are named by body"),
        (
            {"ui_hints": {"default_sort": "-title", "list_columns": ["title"]}},
            "lists are sorted by title, largest first, other columns in lists",
        ),
        (
            {"columns": text("body", "title"), "access": "project"},
            "every member of the project sees and changes all records, columns in another order",
        ),
    ],
)
def test_the_sentence_of_a_changed_table_names_what_differs(table: Json, words: str) -> None:
    before = schema({"notes": {"columns": text("title", "body")}})
    after = schema({"notes": {"columns": text("title", "body"), **table}}, parent=before)

    assert sentences(before, after) == [f"Change notes: {words}."]


def test_each_kind_of_change_is_said_in_a_sentence() -> None:
    before = schema(
        {
            "notes": {
                "columns": text("title", "body", "extra", "code"),
                "indexes": [["title", "body"]],
                "unique": [["title", "code"]],
            },
            "tags": {"columns": text("name")},
            "files": {"columns": text("path")},
        }
    )
    after = schema(
        {
            "papers": {"columns": text("name"), "renamed_from": "files"},
            "memos": {
                "columns": [
                    *text("title"),
                    {"name": "content", "type": "long_text", "renamed_from": "body"},
                    {"name": "code", "type": "text", "unique": True},
                    {"name": "due_on", "type": "date", "required": True},
                ],
                "ui_hints": {"title_column": "title"},
                "indexes": [["due_on", "created_at"]],
                "unique": [["title", "due_on"]],
                "renamed_from": "notes",
            },
            "people": {"columns": text("name")},
        },
        [
            {"from_table": "memos", "from_column": "author_id", "to_table": "people"},
            {"from_table": "memos", "from_column": "papers", "to_table": "papers", "type": "many_to_many"},
        ],
        before,
    )
    after = replace(after, name="Memos")

    assert sentences(before, after) == [
        "Remove the index on title and body of notes.",
        "Allow repeated combinations of title and code of notes.",
        "Remove the column path from files.",
        "Remove the column extra from notes.",
        "Remove the table tags.",
        "Rename the table files to papers.",
        "Rename the table notes to memos.",
        "Rename the column body of memos to content.",
        "Add the table people with 1 column.",
        "Change content of memos: type long text instead of text.",
        "Change code of memos: now unique.",
        "Add the column name (text) to papers.",
        "Add the required column due_on (date) to memos.",
        "Add the column author_id (link to people) to memos.",
        "Add the column papers (links to papers) to memos.",
        "Allow each combination of title and due_on of memos only once.",
        "Add an index on due_on and created_at of memos.",
        "Change memos: records are named by title.",
        'Name the application "Memos" and change the order of the tables.',
    ]
    assert {type(change) for change in diff(before, after)} == {
        DropIndex, DropUnique, DropColumn, DropTable, RenameTable, RenameColumn, AddTable, ChangeColumn, AddColumn,
        AddUnique, AddIndex, ChangeTable, ChangeSchema,
    }  # fmt: skip
    assert apply(before, diff(before, after)) == after


def test_a_link_to_a_table_that_is_renamed_does_not_change() -> None:
    tables = {name: {"columns": text("title")} for name in ("notes", "files")}
    before = schema(tables, [LINK])
    after = schema(
        {"notes": tables["notes"], "papers": {**tables["files"], "renamed_from": "files"}},
        [{**LINK, "to_table": "papers", "label": "Paper"}],
        before,
    )

    assert sentences(before, after) == [
        "Rename the table files to papers.",
        'Change file_id of notes: label "Paper".',
    ]
