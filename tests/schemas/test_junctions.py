"""Junction tables follow from relations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.document import MANY_TO_MANY, Column, Schema, Table
from schemas.junctions import JUNCTION_ACCESS, as_stored, junction, junctions


def links(target: str, name: str = "tags") -> Column:
    return Column(f"c_{name}", name, MANY_TO_MANY, config={"to_table": target})


def schema(*columns: Column, source: str = "contacts", target: str = "tags") -> Schema:
    name = Column("c_name", "name", "text")
    tables = (Table("t_contacts", source, (name, *columns)), Table("t_tags", target, (name,)))
    return Schema("Test", (*tables, Table("t_topics", "topics", (name,))))


def ids(of: Schema) -> list[str]:
    return [found.table.id for found in junctions(of)]


def test_a_relation_is_stored_as_a_table_of_its_own() -> None:
    stored = as_stored(schema(links("tags")))
    assert [table.name for table in stored] == ["contacts", "tags", "topics", "contacts_tags"]
    assert [column.name for column in stored.table("contacts").columns] == ["name"]
    links_table = stored.table("contacts_tags")
    assert links_table.access == JUNCTION_ACCESS
    assert links_table.unique == (("source_id", "target_id"),)
    facts = [(column.name, column.type, column.required, column.config["to_table"]) for column in links_table.columns]
    assert facts == [("source_id", "relation", True, "contacts"), ("target_id", "relation", True, "tags")]
    assert {column.config["on_delete"] for column in links_table.columns} == {"cascade"}


def test_a_schema_without_such_relations_is_stored_as_it_is() -> None:
    assert as_stored(schema()) == schema()


def test_the_id_of_a_junction_table_survives_every_rename() -> None:
    renamed = schema(replace(links("labels"), name="topics"), source="people", target="labels")
    assert ids(renamed) == ids(schema(links("tags")))
    assert [found.table.name for found in junctions(renamed)] == ["people_topics"]


def test_another_target_or_relation_is_another_junction_table() -> None:
    elsewhere, other = schema(links("topics")), schema(links("tags", "labels"))
    assert len({*ids(schema(links("tags"))), *ids(elsewhere), *ids(other)}) == 3


def test_a_relation_may_lead_back_to_its_table() -> None:
    (found,) = junctions(schema(links("contacts", "friends")))
    assert found.table.name == "contacts_friends"
    assert {column.config["to_table"] for column in found.table.columns} == {"contacts"}


def test_the_junction_table_of_a_relation_is_found() -> None:
    given = schema(links("tags"), links("topics", "topics"))
    table = given.table("contacts")
    assert junction(given, table, table.column("topics")).name == "contacts_topics"
    with pytest.raises(KeyError, match="name"):
        junction(given, table, table.column("name"))
