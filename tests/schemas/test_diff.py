from __future__ import annotations

from dataclasses import replace

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
from tests.schemas.applications import application as schema
from tests.schemas.applications import text


def kinds(changes: tuple[Change, ...]) -> list[type[Change]]:
    return [type(change) for change in changes]


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
    assert changes[2].describe() == "Change file_id of notes: points to the new files."
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
        "Allow repeated combinations of title and body of notes.",
        "Allow each combination of body and user_id of notes only once.",
        "Add an index on body of notes.",
    ]
    assert kinds(diff(before, after)) == [DropIndex, DropUnique, AddUnique, AddIndex]
    assert [change.column_ids for change in diff(before, after)] == [
        ("c_title",), ("c_title", "c_body"), ("c_body", "user_id"), ("c_body",),
    ]  # fmt: skip


# What could be mistaken


def test_a_column_that_becomes_a_relation_keeps_its_identity_and_moves_nothing_else() -> None:
    tables = {"notes": {"columns": text("file", "title", "body")}, "files": {"columns": text("path")}}
    before = schema(tables)
    link = {"from_table": "notes", "from_column": "file_id", "to_table": "files", "renamed_from": "file"}
    after = schema({**tables, "notes": {"columns": text("title", "body")}}, [link], before)

    assert kinds(diff(before, after)) == [RenameColumn, ChangeColumn]
    assert apply(before, diff(before, after)) == after
    assert kinds(diff(after, before)) == [RenameColumn, ChangeColumn, ChangeTable]
    assert apply(after, diff(after, before)) == before


def test_a_relation_that_becomes_a_column_makes_room_for_new_ones() -> None:
    links = [
        {"from_table": "notes", "from_column": f"{name}_id", "to_table": "files", "id": f"c_{name}"} for name in "ab"
    ]
    before = schema({"notes": {"columns": text("title")}, "files": {"columns": text("path")}}, links)
    columns = [*text("title"), {"name": "a", "id": "c_a", "type": "text"}, *text("new")]
    after = schema({"notes": {"columns": columns}, "files": {"columns": text("path")}}, links[1:], before)

    assert kinds(diff(before, after)) == [RenameColumn, ChangeColumn, AddColumn]
    assert apply(before, diff(before, after)) == after


def test_true_is_not_one() -> None:
    before = schema({"notes": {"columns": [*text("title"), {"name": "facts", "type": "json", "default": {"a": 1}}]}})
    facts = {"name": "facts", "type": "json", "default": {"a": True}}
    after = schema({"notes": {"columns": [*text("title"), facts]}}, parent=before)

    assert kinds(diff(before, after)) == [ChangeColumn]
