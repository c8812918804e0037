"""The diagram is read by people, so what is tested is what they would trip over: overlaps, lost edges, cut names."""

from __future__ import annotations

import itertools
import re

import pytest

from schemas.blueprints import blueprints
from schemas.diagram import HEADER_HEIGHT, MAX_ROWS, ROW_HEIGHT, Box, Diagram, Edge, draw
from schemas.document import Schema


def schema_of(*tables: str, relations: tuple[tuple[str, str, str], ...] = (), columns: int = 2) -> Schema:
    return Schema.from_json(
        {
            "name": "Test",
            "tables": [
                {"name": name, "columns": [{"name": f"c{i}", "type": "text"} for i in range(columns)]}
                for name in tables
            ],
            "relationships": [
                {"from_table": child, "from_column": f"{parent}_id", "to_table": parent, "type": kind}
                for child, parent, kind in relations
            ],
        }
    )


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def points(edge: Edge) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", edge.path)]


def box(diagram: Diagram, name: str) -> Box:
    return next(each for each in diagram.boxes if each.name == name)


@pytest.mark.parametrize("blueprint", blueprints(), ids=lambda blueprint: blueprint.key)
def test_boxes_of_a_blueprint_stand_apart_and_inside_the_drawing(blueprint):
    diagram = draw(blueprint.document)

    assert {each.name for each in diagram.boxes} == {table.name for table in blueprint.document}
    assert not any(overlap(one, other) for one, other in itertools.combinations(diagram.boxes, 2))
    for each in diagram.boxes:
        assert 0 <= each.x <= each.x + each.width <= diagram.width
        assert 0 <= each.y <= each.y + each.height <= diagram.height


@pytest.mark.parametrize("blueprint", blueprints(), ids=lambda blueprint: blueprint.key)
def test_every_relation_runs_from_its_column_to_the_table_it_points_to(blueprint):
    diagram = draw(blueprint.document)
    relations = [(table, column) for table in blueprint.document for column in table.columns if column.is_relation]

    assert len(diagram.edges) == len(relations)
    for edge, (table, column) in zip(diagram.edges, relations, strict=True):
        child, parent = box(diagram, table.name), box(diagram, column.config["to_table"])
        (start_x, start_y), (end_x, end_y) = points(edge)[0], points(edge)[-1]
        row = child.rows[round((start_y - child.y - HEADER_HEIGHT) / ROW_HEIGHT - 0.5)]
        assert row.is_relation
        assert start_x in (child.x, child.x + child.width)
        assert end_x in (parent.x, parent.x + parent.width)
        assert parent.y < end_y < parent.y + HEADER_HEIGHT


def test_a_long_edge_passes_beside_the_boxes_between_its_ends():
    diagram = draw(
        schema_of(
            "a", "b", "c",
            relations=(("b", "a", "many_to_one"), ("c", "b", "many_to_one"), ("c", "a", "many_to_one")),
        )
    )  # fmt: skip

    middle = box(diagram, "b")
    long = next(edge for edge in diagram.edges if (edge.child, edge.parent) == ("c", "a"))
    passing = [y for x, y in points(long) if middle.x <= x <= middle.x + middle.width]
    assert passing
    assert all(not middle.y <= y <= middle.y + middle.height for y in passing)


def test_referring_tables_stand_to_the_right_of_what_they_refer_to():
    diagram = draw(schema_of("showings", "agents", relations=(("showings", "agents", "many_to_one"),)))

    assert box(diagram, "agents").x < box(diagram, "showings").x


def test_a_cycle_and_a_table_that_points_to_itself_are_drawn():
    relations = (("a", "b", "many_to_one"), ("b", "a", "many_to_one"), ("a", "a", "many_to_one"))

    diagram = draw(schema_of("a", "b", relations=relations))

    assert len(diagram.edges) == 3
    assert all(x <= diagram.width for edge in diagram.edges for x, _ in points(edge))


def test_tables_without_relations_are_spread_over_the_width():
    diagram = draw(schema_of(*(f"t{i}" for i in range(9))))

    assert len({each.x for each in diagram.boxes}) == 3


def test_a_wide_table_shows_its_relations_and_says_how_much_it_hides():
    diagram = draw(schema_of("a", "b", relations=(("b", "a", "many_to_one"),), columns=40))

    wide = box(diagram, "b")
    assert len(wide.rows) == MAX_ROWS
    assert any(row.is_relation for row in wide.rows)
    assert wide.hidden_rows == 41 - MAX_ROWS


def test_the_ends_tell_one_from_many():
    relations = (("b", "a", "many_to_one"), ("c", "a", "one_to_one"), ("d", "a", "many_to_many"))

    many, one, both = draw(schema_of("a", "b", "c", "d", relations=relations)).edges

    assert many.foot
    assert not one.foot
    assert both.foot
    assert both.bar.count("L") == 2  # a crow's foot at the other end as well
    assert one.sentence == "One c to one a (A)."


def test_a_long_name_is_cut():
    schema = schema_of("a" * 60)

    assert draw(schema).boxes[0].title.endswith("…")


def test_an_empty_schema_has_an_empty_diagram():
    diagram = draw(Schema(name="Empty"))

    assert diagram.boxes == ()
    assert diagram.edges == ()
