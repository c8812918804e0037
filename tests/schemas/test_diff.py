from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from schemas.changes import (
    AddColumn,
    AddIndex,
    AddTable,
    AddUnique,
    Change,
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
from schemas.validation import validate
from tests.schemas.strategies import schemas


def schema(tables: dict[str, Json], relationships: list[Json] | None = None, parent: Schema | None = None) -> Schema:
    document = {
        "name": "App",
        "tables": [{"name": name, **table} for name, table in tables.items()],
        "relationships": relationships or [],
    }
    result = validate(document, parent)
    assert result.schema is not None, result.errors
    return result.schema


def text(*names: str) -> list[Json]:
    return [{"name": name, "type": "text"} for name in names]


def kinds(changes: tuple[Change, ...]) -> list[type[Change]]:
    return [type(change) for change in changes]


@settings(max_examples=200, deadline=None)
@given(schemas(), schemas())
def test_applying_the_difference_of_two_versions_leads_from_one_to_the_other(before: Schema, after: Schema) -> None:
    result = apply(before, diff(before, after))

    assert result == after
    assert result.content_hash == after.content_hash


@settings(max_examples=100, deadline=None)
@given(schemas())
def test_a_version_does_not_differ_from_itself(version: Schema) -> None:
    assert diff(version, version) == ()
    assert diff(version, Schema.from_json(version.to_json())) == ()
    assert apply(None, diff(None, version)) == version


@settings(max_examples=100, deadline=None)
@given(schemas(), schemas())
def test_nothing_differs_only_where_the_content_is_the_same(before: Schema, after: Schema) -> None:
    assert (diff(before, after) == ()) == (before.content_hash == after.content_hash)


@settings(max_examples=100, deadline=None)
@given(schemas(), schemas())
def test_every_change_says_in_one_sentence_what_it_is(before: Schema, after: Schema) -> None:
    for change in diff(before, after):
        assert change.describe().endswith(".")
        assert "\n" not in change.describe()


def test_a_first_version_adds_all_its_tables() -> None:
    changes = diff(None, schema({"notes": {"columns": text("title")}}))

    assert kinds(changes) == [AddTable, ChangeSchema]
    assert [change.describe() for change in changes] == [
        "Add the table notes with 1 column.",
        'Name the application "App".',
    ]


def test_two_tables_may_swap_their_names() -> None:
    links = [{"from_table": "notes", "to_table": "files"}]
    before = schema({"notes": {"columns": text("title")}, "files": {"columns": text("path")}}, links)
    after = Schema(
        name="App",
        tables=tuple(
            replace(
                table,
                name={"notes": "files", "files": "notes"}[table.name],
                columns=tuple(
                    replace(column, config={**column.config, "to_table": "notes"}) if column.is_relation else column
                    for column in table.columns
                ),
            )
            for table in before
        ),
    )

    changes = diff(before, after)

    assert kinds(changes) == [RenameTable, RenameTable]
    assert apply(before, changes) == after


def test_a_renamed_column_keeps_its_indexes_and_its_place_in_the_hints() -> None:
    table: Json = {
        "columns": text("title", "body"),
        "ui_hints": {"title_column": "title", "list_columns": ["title"], "default_sort": "-title"},
        "indexes": [{"columns": ["title"]}],
        "unique": [["title", "body"]],
    }
    before = schema({"notes": table})
    renamed: Json = {
        "columns": [{"name": "name", "type": "text", "renamed_from": "title"}, *text("body")],
        "ui_hints": {"title_column": "name", "list_columns": ["name"], "default_sort": "-name"},
        "indexes": [{"columns": ["name"]}],
        "unique": [["name", "body"]],
    }

    changes = diff(before, schema({"notes": renamed}, parent=before))

    assert kinds(changes) == [RenameColumn]
    assert changes[0].describe() == "Rename the column title of notes to name."


def test_a_relation_to_a_table_that_took_the_name_of_its_old_target_changes() -> None:
    links = [{"from_table": "notes", "to_table": "files", "from_column": "file_id"}]
    before = schema({name: {"columns": text("title")} for name in ("notes", "files", "pages")}, links)
    after = schema(
        {"notes": {"columns": text("title")}, "files": {"id": "t_pages", "columns": text("title")}}, links, before
    )

    changes = diff(before, after)

    assert kinds(changes) == [DropTable, RenameTable, ChangeColumn]
    assert changes[2].describe() == "Change file_id of notes: now points to the new files."
    assert apply(before, changes) == after


def test_another_order_of_columns_is_a_matter_of_display() -> None:
    before = schema({"notes": {"columns": text("title", "body")}})
    after = schema({"notes": {"columns": text("body", "title")}}, parent=before)

    assert kinds(diff(before, after)) == [ChangeTable]


def test_a_column_put_between_others_changes_nothing_else() -> None:
    before = schema({"notes": {"columns": text("title", "body")}})
    after = schema({"notes": {"columns": text("title", "summary", "body")}}, parent=before)

    assert kinds(diff(before, after)) == [AddColumn]
    assert apply(before, diff(before, after)) == after


def test_a_removed_column_leaves_its_hints_without_a_further_change() -> None:
    hints = {"title_column": "title", "list_columns": ["title", "body"]}
    before = schema({"notes": {"columns": text("title", "body"), "ui_hints": hints}})
    after = schema(
        {"notes": {"columns": text("title"), "ui_hints": {"title_column": "title", "list_columns": ["title"]}}},
        parent=before,
    )

    assert kinds(diff(before, after)) == [DropColumn]


def test_another_order_of_tables_is_one_change() -> None:
    tables = {"notes": {"columns": text("title")}, "files": {"columns": text("path")}}
    before = schema(tables)
    after = schema(dict(reversed(tables.items())), parent=before)

    changes = diff(before, after)

    assert [change.describe() for change in changes] == ["Change the order of the tables."]
    assert apply(before, changes) == after


def test_indexes_and_unique_sets_come_and_go() -> None:
    columns = text("title", "body")
    before = schema({"notes": {"columns": columns, "indexes": [["title"]], "unique": [["title", "body"]]}})
    after = schema(
        {"notes": {"columns": columns, "indexes": [["body"]], "unique": [["body", "user_id"]]}}, parent=before
    )

    assert [change.describe() for change in diff(before, after)] == [
        "Remove the index on title of notes.",
        "Allow repeated combinations of title, body of notes.",
        "Allow each combination of body, user_id of notes only once.",
        "Add an index on body of notes.",
    ]
    assert kinds(diff(before, after)) == [DropIndex, DropUnique, AddUnique, AddIndex]
    assert [change.column_ids for change in diff(before, after)] == [
        ("c_title",), ("c_title", "c_body"), ("c_body", "user_id"), ("c_body",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"required": True}, "now required"),
        ({"unique": True}, "now unique"),
        ({"default": "x"}, 'default "x"'),
        ({"max_length": 100}, "max_length from null to 100"),
        ({"type": "integer"}, "type from text to integer"),
        ({"label": "Heading", "help_text": "Short."}, 'label "Heading", help text "Short."'),
        (
            {"type": "select", "options": ["a"]},
            'type from text to select, options from null to [{"color": "gray", "label": "A", "value": "a"}]',
        ),
    ],
)
def test_the_sentence_of_a_changed_column_names_what_differs(settings: Json, sentence: str) -> None:
    before = schema({"notes": {"columns": text("title")}})
    after = schema({"notes": {"columns": [{"name": "title", "type": "text", **settings}]}}, parent=before)

    assert [change.describe() for change in diff(before, after)] == [f"Change title of notes: {sentence}."]


def test_the_sentence_of_changed_options_names_those_that_came_and_went() -> None:
    column = {"name": "status", "type": "select"}
    before = schema({"notes": {"columns": [{**column, "options": ["new", "old"]}]}})
    after = schema({"notes": {"columns": [{**column, "options": ["new", "done"]}]}}, parent=before)

    assert [change.describe() for change in diff(before, after)] == [
        "Change status of notes: options added done and removed old."
    ]
