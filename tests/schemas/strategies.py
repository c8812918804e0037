"""Hypothesis strategies for schema documents, for the tests of every app that reads them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from schemas.column_types import column_types
from schemas.column_types.relation import ONE_TO_ONE, RELATION_KINDS
from schemas.document import Json, Schema
from schemas.validation import validate

TABLE_NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
COLUMN_NAMES = ("one", "two", "three", "four", "five", "six")
RELATION_NAMES = ("first_id", "second_id", "third_id")
PLAIN_TYPES = tuple(kind.key for kind in column_types if "to_table" not in kind.settings)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
"""Anything that a caller can send."""

labels = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@st.composite
def plain_columns(draw: st.DrawFn, column_id: str, name: str, type_key: str | None = None) -> Json:
    """A column of any type but a relation, in JSON."""
    kind = column_types.get(type_key or draw(st.sampled_from(PLAIN_TYPES)))
    column: dict[str, Json] = {
        "id": column_id,
        "name": name,
        "type": kind.key,
        "required": draw(st.booleans()),
        "label": draw(labels),
        **kind.example,
    }
    if "max_length" in kind.settings and draw(st.booleans()):
        column["max_length"] = draw(st.integers(30, min(254, kind.settings["max_length"])))
    defaults = [None, *kind.examples, *kind.default_words]
    column["default"] = draw(st.sampled_from(defaults))
    return column


@st.composite
def relations(draw: st.DrawFn, column_id: str, name: str, table: str, targets: list[str], may_require: bool) -> Json:
    """An entry of `relationships`. Where `may_require`, it may be required."""
    required = may_require and draw(st.booleans())
    kind = draw(st.sampled_from(RELATION_KINDS))
    return {
        "id": column_id,
        "from_table": table,
        "from_column": name,
        "to_table": draw(st.sampled_from(targets)),
        "type": kind,
        "unique": kind == ONE_TO_ONE,
        "required": required,
        "on_delete": draw(
            st.sampled_from(["cascade", "restrict"] if required else ["set_null", "cascade", "restrict"])
        ),
    }


@st.composite
def documents(draw: st.DrawFn, fixed_types: bool = False) -> Json:
    """A valid document.

    Names and ids come from small pools, so that two documents have much in common and yet everything between them can
    differ: tables and columns come, go, are renamed, swap their names and change.

    Args:
        draw: given by hypothesis.
        fixed_types: whether a column's type follows from its id, so that it is the same in every document.
    """
    ids = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True))
    names = draw(st.permutations(TABLE_NAMES))[: len(ids)]
    tables, relationships = [], []
    for place, (number, name) in enumerate(zip(ids, names, strict=True)):
        columns = draw(_columns(fixed_types))
        column_names = [column["name"] for column in columns]
        links = draw(_relations(name, list(names), place))
        relationships += links
        tables.append(
            {
                "id": f"t_{number}",
                "name": name,
                "access": draw(st.sampled_from(["private", "project"])),
                "description": draw(labels),
                "columns": columns,
                "ui_hints": draw(_hints(column_names)),
                "indexes": [{"columns": names} for names in draw(_sets(columns, links, 1))],
                "unique": draw(_sets(columns, links, 2)),
            }
        )
    return {
        "version": "1.0.0",
        "name": draw(st.sampled_from(["App", "Other"])),
        "tables": tables,
        "relationships": relationships,
    }


@st.composite
def _columns(draw: st.DrawFn, fixed_types: bool) -> list[Json]:
    ids = draw(st.lists(st.integers(1, 8), min_size=1, max_size=5, unique=True))
    names = draw(st.permutations(COLUMN_NAMES))[: len(ids)]
    return [
        draw(plain_columns(f"c_{number}", name, PLAIN_TYPES[number % len(PLAIN_TYPES)] if fixed_types else None))
        for number, name in zip(ids, names, strict=True)
    ]


@st.composite
def _relations(draw: st.DrawFn, table: str, names: list[str], place: int) -> list[Json]:
    """Up to three relations. Only those to earlier tables may be required, so that no circle of them is."""
    numbers = draw(st.lists(st.integers(1, 4), max_size=3, unique=True))
    own_names = draw(st.permutations(RELATION_NAMES))
    found = []
    for number, name in zip(numbers, own_names, strict=False):
        may_require = place > 0 and draw(st.booleans())
        targets = names[:place] if may_require else names
        found.append(draw(relations(f"c_r{number}", name, table, targets, may_require)))
    return found


@st.composite
def _hints(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    hints: dict[str, Any] = {"title_column": draw(st.sampled_from(names))}
    if draw(st.booleans()):
        hints["list_columns"] = draw(st.lists(st.sampled_from([*names, "created_at"]), unique=True))
        hints["default_sort"] = draw(st.sampled_from(["", "-"])) + draw(st.sampled_from([*names, "created_at"]))
        hints["label"] = draw(labels)
    return hints


@st.composite
def _sets(draw: st.DrawFn, columns: list[Json], links: list[Json], least: int) -> list[list[str]]:
    """Sets of columns that fit into an index."""
    short = [column["name"] for column in columns if column["type"] not in ("json", "long_text")]
    names = [*short, *(link["from_column"] for link in links), "created_at", "user_id"]
    return draw(st.lists(st.lists(st.sampled_from(names), min_size=least, max_size=3, unique=True), max_size=2))


@st.composite
def schemas(draw: st.DrawFn, fixed_types: bool = False) -> Schema:
    """A valid schema."""
    result = validate(draw(documents(fixed_types)))
    assert result.schema is not None, result.errors
    return result.schema
