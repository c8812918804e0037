"""Hypothesis strategies for schema documents, for the tests of every app that reads them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from schemas.characters import invisible
from schemas.column_types import column_types
from schemas.column_types.relation import MANY_TO_ONE, ONE_TO_ONE, RELATION_KINDS
from schemas.document import MANY_TO_MANY, Column, Json, Schema
from schemas.validation import validate

TABLE_NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
COLUMN_NAMES = ("one", "two", "three", "four", "five", "six")
RELATION_NAMES = ("first", "second", "third")
PLAIN_TYPES = tuple(kind.key for kind in column_types if "to_table" not in kind.settings)
INDEX_BYTES = 2_704
"""What an index entry of PostgreSQL holds."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
"""Anything that a caller can send."""

labels = st.sampled_from(["", "Größe", "名前", 'It\'s "here"', "{0}%s"]) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20
).filter(lambda text: not invisible(text))
"""What people read; characters that nobody sees are refused."""


# Strategies are made once: making them costs more than drawing from them.

_flags = st.booleans()
_ids = st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True)
_table_names, _column_names, _relation_names = map(st.permutations, (TABLE_NAMES, COLUMN_NAMES, RELATION_NAMES))
_column_ids = st.lists(st.integers(1, 8), min_size=1, max_size=5, unique=True)
# Most are often the same, and yet all types come up.
_typed_ids = st.lists(st.integers(1, 6) | st.integers(1, len(PLAIN_TYPES)), min_size=1, max_size=5, unique=True)
_relation_ids = st.lists(st.integers(1, 4), max_size=3, unique=True)
_picks = st.integers(0, 59)
"""Which of a list of up to six is meant: the remainder says it."""
_pick_lists = st.lists(_picks, max_size=3)
_pick_sets = st.lists(_pick_lists, max_size=2)
_hints = st.fixed_dictionaries({"title_column": _picks}) | st.fixed_dictionaries(
    {
        "title_column": _picks,
        "list_columns": _pick_lists,
        "default_sort": st.tuples(st.sampled_from(["", "-"]), _picks),
        "label": labels,
        "icon": st.sampled_from(["", "home", "event"]),
    }
)
_tables = st.fixed_dictionaries({"access": st.sampled_from(["private", "project"]), "description": labels})
_relations = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([*RELATION_KINDS, MANY_TO_MANY]),
        "target": _picks,
        "required": _flags,
        "on_delete": st.sampled_from(["cascade", "restrict", "set_null"]),
        "label": labels,
    }
)


@cache
def plain_columns(type_key: str, same_values: bool = False) -> st.SearchStrategy[Json]:
    """Columns of a type that is no relation, in JSON but without name and id.

    Args:
        type_key: the type.
        same_values: whether all of them hold the same values, so that each can become each without loss.
    """
    kind = column_types.get(type_key)
    column: Json = {"type": type_key, **kind.example}
    fitting = [None, *kind.examples, *kind.default_words]
    defaults = [
        default
        for default in fitting
        if not any(kind.faults(Column("c_example", "example", kind.key, default=default, config=kind.example)))
    ]
    facts: dict[str, st.SearchStrategy[Json]] = {
        "required": _flags,
        "label": labels,
        "default": st.sampled_from(defaults),
    }
    if "max_length" in kind.settings:
        longest = max(30, *(len(example) for example in kind.examples))
        facts["max_length"] = st.none() | st.integers(longest, min(254, kind.settings["max_length"].high))
    if "options" in kind.settings:
        more = [{"value": value} for value in ("late", "lost")]
        given = kind.example["options"]
        facts["options"] = st.sampled_from([given, given[::-1], [more[0], *given], [*given, *more]])
    if "scale" in kind.settings and not same_values:
        facts["digits"] = st.sampled_from([{}, {"precision": 13, "scale": 2}, {"precision": 15, "scale": 4}])
    return st.fixed_dictionaries(facts).map(lambda drawn: _column(column, drawn))


def _column(column: Json, drawn: Json) -> Json:
    facts = {key: value for key, value in drawn.items() if key != "digits" and (key != "max_length" or value)}
    return {**column, **facts, **drawn.get("digits", {})}


_any_column = st.sampled_from(PLAIN_TYPES).flatmap(plain_columns)


@st.composite
def documents(draw: st.DrawFn, fixed_types: bool = False) -> Json:
    """A valid document.

    Names and ids come from small pools, so that two documents have much in common and yet everything between them can
    differ: tables and columns come, go, are renamed, swap their names and change.

    Args:
        draw: given by hypothesis.
        fixed_types: whether a column's type follows from its id, so that it is the same in every document.
    """
    ids = draw(_ids)
    names = draw(_table_names)[: len(ids)]
    tables, relationships = [], []
    for place, (number, name) in enumerate(zip(ids, names, strict=True)):
        columns = _draw_columns(draw, fixed_types)
        links = _draw_relations(draw, names, place, {column["id"] for column in columns}, fixed_types)
        relationships += links
        tables.append(
            {
                "id": f"t_{number}",
                "name": name,
                **draw(_tables),
                "columns": columns,
                "ui_hints": _named_hints(draw(_hints), columns),
                "indexes": [{"columns": names} for names in _named_sets(draw(_pick_sets), columns, links, 1)],
                "unique": _named_sets(draw(_pick_sets), columns, links, 2),
            }
        )
    return {
        "version": "1.0.0",
        "name": "Other" if draw(_flags) else "App",
        "tables": tables,
        "relationships": relationships,
    }


def _draw_columns(draw: st.DrawFn, fixed_types: bool) -> list[Json]:
    ids = draw(_typed_ids if fixed_types else _column_ids)
    kinds = [PLAIN_TYPES[number % len(PLAIN_TYPES)] for number in ids]
    facts = [draw(plain_columns(kind, same_values=True) if fixed_types else _any_column) for kind in kinds]
    return [
        {"id": f"c_{number}", "name": name, **column}
        for number, name, column in zip(ids, draw(_column_names), facts, strict=False)
    ]


def _draw_relations(
    draw: st.DrawFn, names: Sequence[str], place: int, taken: Container[str], fixed_types: bool
) -> list[Json]:
    """Up to three relations of the table at a place.

    Where types are not fixed, a relation may have the id that a plain column has in another document.
    """
    found = []
    for number, name in zip(draw(_relation_ids), draw(_relation_names), strict=False):
        facts = draw(_relations)
        to_many = number == 4 if fixed_types else facts["kind"] == MANY_TO_MANY
        relation = _many(facts, name, names) if to_many else _one(facts, name, names, place)
        free = not fixed_types and f"c_{number}" not in taken
        relation |= {"id": f"c_{number}" if free else f"c_r{number}", "from_table": names[place]}
        found.append(relation)
    return found


def _many(facts: Json, name: str, names: Sequence[str]) -> Json:
    target = names[facts["target"] % len(names)]
    return {"from_column": name, "to_table": target, "type": MANY_TO_MANY, "label": facts["label"]}


def _one(facts: Json, name: str, names: Sequence[str], place: int) -> Json:
    """A relation to one record. Only those to earlier tables may be required, so that no circle of them is."""
    required = facts["required"] and place > 0
    kind = ONE_TO_ONE if facts["kind"] == ONE_TO_ONE else MANY_TO_ONE
    return {
        "from_column": f"{name}_id",
        "to_table": names[facts["target"] % (place if required else len(names))],
        "type": kind,
        "unique": kind == ONE_TO_ONE,
        "required": required,
        "on_delete": "cascade" if required and facts["on_delete"] == "set_null" else facts["on_delete"],
        "label": facts["label"],
    }


def _named_hints(drawn: Json, columns: list[Json]) -> Json:
    names = [column["name"] for column in columns]
    titles = [column["name"] for column in columns if column["type"] != "user"]
    hints = {**drawn, "title_column": titles[drawn["title_column"] % len(titles)] if titles else ""}
    names = [*names, "created_at"]
    if "list_columns" in drawn:
        hints["list_columns"] = list(dict.fromkeys(names[pick % len(names)] for pick in drawn["list_columns"]))
        direction, pick = drawn["default_sort"]
        hints["default_sort"] = f"{direction}{names[pick % len(names)]}"
    return hints


def _named_sets(drawn: list[list[int]], columns: list[Json], links: list[Json], least: int) -> list[list[str]]:
    """Sets of at least so many columns that fit into an index together."""
    sizes = {"created_at": 16, "user_id": 16}
    sizes |= {link["from_column"]: 16 for link in links if link["type"] != MANY_TO_MANY}
    for entry in columns:
        size = column_types.get(entry["type"]).index_bytes(Column.from_json(entry, "$"))
        sizes |= {} if size is None else {entry["name"]: size}
    names = sorted(sizes)
    sets = [list(dict.fromkeys(names[pick % len(names)] for pick in picks)) for picks in drawn]
    return [names for names in sets if len(names) >= least and sum(sizes[name] for name in names) <= INDEX_BYTES]


@st.composite
def schemas(draw: st.DrawFn, fixed_types: bool = False) -> Schema:
    """A valid schema."""
    result = validate(draw(documents(fixed_types)))
    assert result.schema is not None, result.errors
    return result.schema


@st.composite
def broken_documents(draw: st.DrawFn) -> Json:
    """A document that was valid before something in it was replaced, removed or doubled, a few times."""
    document = deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        act = draw(st.sampled_from(["replace", "remove", "double", "move"]))
        if act == "replace":
            holder[key] = draw(json_values)
        elif act == "remove":
            del holder[key]
        elif act == "double" and isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        else:
            other, place = draw(st.sampled_from(places))
            holder[key] = deepcopy(other[place])
    return document


def _places(value: Json) -> Iterator[tuple[Any, Any]]:
    """Everything inside a document, as (the object or list that holds it, its key or number)."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from _places(member)
