"""The entity-relationship diagram of a schema, as shapes that a template writes down as SVG.

Pure: a schema in, coordinates out. Colours are the stylesheet's, so one drawing serves both themes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas import layers
from schemas.document import MANY_TO_MANY, Column, Schema, Table
from schemas.names import humanise

BOX_WIDTH = 200.0
HEADER_HEIGHT = 38.0
ROW_HEIGHT = 24.0
PADDING_BOTTOM = 6.0
LAYER_GAP = 68.0
ROW_GAP = 24.0
MARGIN = 16.0
MAX_ROWS = 7
_UNMARKED: Final[Mapping[str, str]] = MappingProxyType({})
_CHARACTER_WIDTH = 7.1
"""Pixels that a character of Inter takes at 13 px, on average; long labels are cut by it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a box."""

    label: str
    type: str
    y: float
    right: float
    is_relation: bool
    is_required: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One table. `mark` is a word that stands on its frame, such as `new`."""

    name: str
    title: str
    icon: str
    x: float
    y: float
    height: float
    rows: tuple[Row, ...]
    hidden_rows: int
    mark: str = ""
    width: float = BOX_WIDTH

    @property
    def mark_x(self) -> float:
        """The right end of the mark on the upper edge."""
        return self.width - 12

    @property
    def footer_y(self) -> float:
        """The baseline of the line that says how many columns are not shown."""
        return self.height - PADDING_BOTTOM - 8


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation, drawn from the referring column to the table it refers to."""

    child: str
    parent: str
    path: str
    foot: str
    bar: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing of `width` by `height` pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    @property
    def least_width(self) -> float:
        """How far it may shrink before its letters are too small to read."""
        return self.width * 0.75


def draw(schema: Schema, marks: Mapping[str, str] = _UNMARKED) -> Diagram:
    """The diagram of all tables and relations.

    Args:
        schema: what is drawn.
        marks: words to put on the frames of tables, by the tables' ids.
    """
    relations = [(table, column) for table in schema for column in table.columns if column.is_relation]
    placement = layers.place(
        {table.name: _height(table) for table in schema},
        [(table.name, column.config["to_table"]) for table, column in relations],
        ROW_GAP,
    )
    positions = {node.name: node for layer in placement.layers for node in layer if node.name}
    boxes = {table.name: _box(table, positions[table.name], marks.get(table.id, "")) for table in schema}
    edges = tuple(_edge(schema, table, column, boxes, placement) for table, column in relations)
    right = max((box.x + box.width for box in boxes.values()), default=0.0)
    bottom = max((box.y + box.height for box in boxes.values()), default=0.0)
    loops = any(edge.child == edge.parent for edge in edges)
    return Diagram(right + MARGIN + (30 if loops else 0), bottom + MARGIN, tuple(boxes.values()), edges)


def _shown(table: Table) -> tuple[Column, ...]:
    """The columns that are drawn: all relations, and as many others as there is room for."""
    room = max(MAX_ROWS - sum(column.is_relation for column in table.columns), 3)
    plain = [column for column in table.columns if not column.is_relation][:room]
    return tuple(column for column in table.columns if column.is_relation or column in plain)


def _height(table: Table) -> float:
    shown = len(_shown(table))
    more = 1 if len(table.columns) > shown else 0
    return HEADER_HEIGHT + ROW_HEIGHT * (shown + more) + PADDING_BOTTOM


def _layer_x(layer: int) -> float:
    return MARGIN + layer * (BOX_WIDTH + LAYER_GAP)


def _box(table: Table, node: layers.Node, mark: str) -> Box:
    shown = _shown(table)
    rows = tuple(
        Row(
            label=_fit(column.title, BOX_WIDTH * 0.58),
            type=_fit(humanise(column.type), BOX_WIDTH * 0.34),
            y=HEADER_HEIGHT + ROW_HEIGHT * index,
            right=BOX_WIDTH - 13,
            is_relation=column.is_relation,
            is_required=column.required,
        )
        for index, column in enumerate(shown)
    )
    return Box(
        name=table.name,
        title=_fit(table.label_plural, BOX_WIDTH - 56),
        icon=table.ui_hints.icon or "table_rows",
        x=_layer_x(node.layer),
        y=MARGIN + node.y,
        height=node.height,
        rows=rows,
        hidden_rows=len(table.columns) - len(shown),
        mark=mark,
    )


def _edge(schema: Schema, table: Table, column: Column, boxes: dict[str, Box], placement: layers.Placement) -> Edge:
    target = column.config["to_table"]
    child, parent = boxes[table.name], boxes[target]
    row = next(index for index, shown in enumerate(_shown(table)) if shown is column)
    start_y = child.y + HEADER_HEIGHT + ROW_HEIGHT * (row + 0.5)
    end_y = parent.y + HEADER_HEIGHT / 2
    relation = column.config.get("relation", "many_to_one") if column.is_stored else MANY_TO_MANY
    leaves_left = child.x > parent.x
    enters_right = leaves_left or child.x == parent.x
    start_x = child.x if leaves_left else child.x + child.width
    end_x = parent.x + parent.width if enters_right else parent.x
    out, into = (-1 if leaves_left else 1), (1 if enters_right else -1)
    passed = [
        (_layer_x(node.layer) + BOX_WIDTH / 2, MARGIN + node.middle)
        for node in placement.routes.get((table.name, target), [])
    ]
    return Edge(
        child=table.name,
        parent=target,
        path=_curve((start_x, start_y), passed, (end_x, end_y), out, into),
        foot="" if relation == "one_to_one" else _foot(start_x, start_y, out),
        bar=_foot(end_x, end_y, into) if relation == MANY_TO_MANY else _bar(end_x, end_y, into),
        sentence=_sentence(schema, table, column, relation),
    )


def _curve(
    start: tuple[float, float], passed: list[tuple[float, float]], end: tuple[float, float], out: int, into: int
) -> str:
    """A smooth path: level where it leaves, where it passes a layer and where it arrives."""
    reach = LAYER_GAP * 0.5
    if not passed and out == into:  # both ends on the right: a loop beside the boxes
        x = max(start[0], end[0]) + reach * 0.8
        return f"M{_at(start)} C{_at((x, start[1]))} {_at((x, end[1]))} {_at(end)}"
    parts = [f"M{_at(start)}"]
    here = start
    for point in passed:
        before, after = point[0] - out * BOX_WIDTH / 2, point[0] + out * BOX_WIDTH / 2
        middle = (here[0] + before) / 2
        parts.append(f"C{_at((middle, here[1]))} {_at((middle, point[1]))} {_at((before, point[1]))}")
        parts.append(f"L{_at((after, point[1]))}")
        here = (after, point[1])
    middle = (here[0] + end[0]) / 2
    parts.append(f"C{_at((middle, here[1]))} {_at((middle, end[1]))} {_at(end)}")
    return " ".join(parts)


def _foot(x: float, y: float, direction: int) -> str:
    """A crow's foot: many."""
    tip = x + direction * 10
    return f"M{_at((x, y - 5))} L{_at((tip, y))} L{_at((x, y + 5))}"


def _bar(x: float, y: float, direction: int) -> str:
    """A bar: one."""
    place = x + direction * 8
    return f"M{_at((place, y - 5))} L{_at((place, y + 5))}"


def _sentence(schema: Schema, table: Table, column: Column, relation: str) -> str:
    target = schema.table(column.config["to_table"])
    if relation == MANY_TO_MANY:
        return f"{table.label_plural} and {target.label_plural.lower()} belong to each other ({column.title})."
    many = "One" if relation == "one_to_one" else "Many"
    label = table.label if relation == "one_to_one" else table.label_plural
    return f"{many} {label.lower()} to one {target.label.lower()} ({column.title})."


def _fit(text: str, width: float) -> str:
    """The text, cut where it would leave its place."""
    room = int(width / _CHARACTER_WIDTH)
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
