from __future__ import annotations

import pytest

from schemas.document import Column, DocumentError, Schema, Table, thaw


def test_the_version_number_is_not_part_of_the_content() -> None:
    tables = (Table("t_notes", "notes", (Column("c_title", "title", "text"),)),)

    assert Schema("App", tables, "1.0.0").content_hash == Schema("App", tables, "2.0.0").content_hash
    assert Schema("App", tables).content_hash != Schema("Other", tables).content_hash


def test_nobody_can_change_a_schema_through_what_it_was_made_of() -> None:
    options = [{"value": "open"}]
    column = Column("c_status", "status", "select", config={"options": options}, default=["x"])

    options[0]["value"] = "changed"

    assert thaw(column.config) == {"options": [{"value": "open"}]}
    with pytest.raises(TypeError):
        column.config["options"][0]["value"] = "changed"


def test_relations_stand_behind_the_other_columns() -> None:
    link = Column("c_a", "agent_id", "relation", config={"to_table": "agents"})
    plain = Column("c_b", "title", "text")

    assert Table("t_notes", "notes", (link, plain)).columns == (plain, link)


def test_a_table_names_its_rows_by_the_hinted_column_the_first_required_or_the_first() -> None:
    first, required = Column("c_a", "code", "text"), Column("c_b", "title", "text", required=True)

    assert Table("t", "notes", (first, required)).title_column == required
    assert Table("t", "notes", (first,)).title_column == first
    assert Table("t", "notes").title_column is None


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (None, "$"),
        ({"name": "App", "tables": {}}, "$.tables"),
        ({"name": "App", "tables": [{"columns": []}]}, "$.tables[0].name"),
        ({"name": "App", "tables": [{"name": "a", "columns": [{"name": "b"}]}]}, "$.tables[0].columns[0].type"),
        ({"name": "App", "relationships": [{"from_table": "a"}]}, "$.relationships[0].from_column"),
    ],
)
def test_a_document_of_another_form_is_refused_with_its_place(data: object, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Schema.from_json(data)

    assert caught.value.path == path
