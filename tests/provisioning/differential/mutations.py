"""Random changes of a document, one function a kind. Each says whether it found something to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Final

from schemas.document import MANY_TO_MANY, Schema
from schemas.validation import validate
from tests.provisioning.differential import documents
from tests.provisioning.documents import Document

Mutation = Callable[[Random, Document, Sequence[Document]], bool]
"""Changes a document in its place. The last argument are the versions before it, the newest last."""

KINDS: dict[str, Mutation] = {}

_LOSSLESS: Final = {
    "text": ("long_text", "rich_text"),
    "integer": ("decimal", "text"),
    "decimal": ("text",),
    "currency": ("decimal", "text"),
    "boolean": ("text",),
    "date": ("datetime", "text"),
    "select": ("text", "multi_select"),
    "email": ("text", "long_text"),
    "phone": ("text",),
    "url": ("long_text",),
    "rating": ("integer", "text"),
    "uuid": ("user", "text"),
    "duration": ("text",),
    "time": ("text",),
    "datetime": ("text",),
    "percent": ("decimal", "text"),
    "multi_select": ("text", "json"),
    "long_text": ("rich_text",),
}
_LOSSY: Final = {
    "text": ("integer", "boolean", "select", "date", "email", "json", "decimal", "multi_select"),
    "long_text": ("text", "integer"),
    "decimal": ("integer", "rating"),
    "currency": ("integer",),
    "integer": ("rating", "percent"),
    "datetime": ("date", "time"),
    "multi_select": ("select",),
    "json": ("text",),
    "rich_text": ("text",),
    "email": ("phone", "select"),
    "url": ("text",),
}


def kind(mutation: Mutation) -> Mutation:
    """Registers a kind of change."""
    KINDS[mutation.__name__] = mutation
    return mutation


def mutated(
    random: Random, schema: Schema, kinds: Sequence[str], history: Sequence[Schema] = ()
) -> tuple[Schema, list[str]] | None:
    """A valid schema with changes of some kinds, and the kinds that found something to change.

    Args:
        random: where chance comes from.
        schema: the schema that changes.
        kinds: the kinds; without the first, which has to find something, there is no result.
        history: the versions before it, the newest last.
    """
    earlier = [version.to_json() for version in history]
    for _ in range(6):
        found: list[str] = []
        result, document = schema, schema.to_json()
        for name in kinds:
            draft = deepcopy(document)
            if not KINDS[name](random, draft, earlier):
                continue
            validation = validate(draft, schema)
            if validation.schema is not None:
                result, document = validation.schema, validation.schema.to_json()
                found.append(name)
        if kinds[0] in found and result.content_hash != schema.content_hash:
            return result, found
    return None


# What several kinds need


def _pick(random: Random, found: Sequence[Document]) -> Document | None:
    return random.choice(found) if found else None


def _column(random: Random, document: Document, *kinds: str) -> tuple[Document, Document] | None:
    """A table and a column of it that is no relation."""
    found = [
        (table, column)
        for table in document["tables"]
        for column in table["columns"]
        if (not kinds and column["type"] != "auto_number") or column["type"] in kinds
    ]
    return random.choice(found) if found else None


def _links(document: Document, *, many: bool) -> list[Document]:
    return [link for link in document["relationships"] if (link["type"] == MANY_TO_MANY) == many]


def _free_id(document: Document, history: Sequence[Document], prefix: str) -> str:
    taken = {table["id"] for each in (document, *history) for table in each["tables"]}
    taken |= {column["id"] for each in (document, *history) for table in each["tables"] for column in table["columns"]}
    taken |= {link["id"] for each in (document, *history) for link in each["relationships"]}
    return next(f"{prefix}{place}" for place in range(999) if f"{prefix}{place}" not in taken)


def _free_name(random: Random, names: Sequence[str], taken: Sequence[str]) -> str:
    free = [name for name in names if name not in taken]
    return random.choice(free) if free else f"more_{len(taken)}"


def _rename_table(document: Document, old: str, new: str) -> None:
    for table in document["tables"]:
        if table["name"] == old:
            table["name"] = new
            break
    for link in document["relationships"]:
        for end in ("from_table", "to_table"):
            if link[end] == old:
                link[end] = new


def _rename_in_sets(table: Document, names: dict[str, str]) -> None:
    for index in table["indexes"]:
        index["columns"] = [names.get(name, name) for name in index["columns"]]
    table["unique"] = [[names.get(name, name) for name in columns] for columns in table["unique"]]


def _forget_in_sets(table: Document, name: str) -> None:
    table["indexes"] = [index for index in table["indexes"] if name not in index["columns"]]
    table["unique"] = [columns for columns in table["unique"] if name not in columns]


def _forget_table(document: Document, name: str) -> None:
    document["tables"] = [table for table in document["tables"] if table["name"] != name]
    for link in [each for each in document["relationships"] if name in (each["from_table"], each["to_table"])]:
        _forget_link(document, link)


def _forget_link(document: Document, link: Document) -> None:
    document["relationships"].remove(link)
    for table in document["tables"]:
        if table["name"] == link["from_table"]:
            _forget_in_sets(table, link["from_column"])


def _names(document: Document, table: Document) -> list[str]:
    links = [link["from_column"] for link in document["relationships"] if link["from_table"] == table["name"]]
    return [column["name"] for column in table["columns"]] + links


# Tables


@kind
def add_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    table = documents._table(
        random, _free_id(document, history, "t_"), _free_name(random, documents.TABLE_NAMES, names)
    )
    document["tables"].append(table)
    return True


@kind
def drop_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    pointed = {link["to_table"] for link in document["relationships"] if link["to_table"] != link["from_table"]}
    table = _pick(random, [table for table in document["tables"] if table["name"] not in pointed])
    if table is None or len(document["tables"]) == 1:
        return False
    _forget_table(document, table["name"])
    return True


@kind
def drop_table_that_others_point_to(random: Random, document: Document, history: Sequence[Document]) -> bool:
    pointed = [link["to_table"] for link in document["relationships"] if link["to_table"] != link["from_table"]]
    if not pointed:
        return False
    gone = random.choice(pointed)
    others = [table["name"] for table in document["tables"] if table["name"] != gone]
    for link in list(document["relationships"]):
        if link["to_table"] == gone and link["from_table"] != gone and random.random() < 0.4:
            link["to_table"] = random.choice(others)
    _forget_table(document, gone)
    return True


@kind
def rename_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    _rename_table(document, random.choice(names), _free_name(random, documents.TABLE_NAMES, names))
    return True


@kind
def swap_tables(random: Random, document: Document, history: Sequence[Document]) -> bool:
    names = [table["name"] for table in document["tables"]]
    if len(names) < 2:
        return False
    one, two = random.sample(names, 2)
    for old, new in ((one, "aside"), (two, one), ("aside", two)):
        _rename_table(document, old, new)
    return True


@kind
def rename_table_and_add_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return rename_table(random, document, history) and add_column(random, document, history)


@kind
def change_access(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    table["access"] = "project" if table["access"] == "private" else "private"
    return True


@kind
def change_hints(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    table["ui_hints"] = {**table.get("ui_hints", {}), "label": random.choice(["Thing", 'It\'s "here"', "{0} %s"])}
    table["description"] = random.choice(["One", "Two", "Three"])
    return True


# Columns


@kind
def add_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    name = _free_name(random, documents.COLUMN_NAMES, _names(document, table))
    table["columns"].append(documents.column(random, _free_id(document, history, "c_"), name))
    return True


@kind
def drop_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document)
    if found is None:
        return False
    table, column = found
    table["columns"].remove(column)
    _forget_in_sets(table, column["name"])
    table["ui_hints"] = {}
    return bool(table["columns"])


@kind
def rename_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    column = random.choice(table["columns"])
    new = _free_name(random, documents.COLUMN_NAMES, _names(document, table))
    _rename_in_sets(table, {column["name"]: new})
    table["ui_hints"] = {}
    column["name"] = new
    return True


@kind
def swap_columns(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = _pick(random, [table for table in document["tables"] if len(table["columns"]) > 1])
    if table is None:
        return False
    one, two = random.sample(table["columns"], 2)
    _rename_in_sets(table, {one["name"]: two["name"], two["name"]: one["name"]})
    one["name"], two["name"] = two["name"], one["name"]
    return True


def _retype(random: Random, document: Document, ways: dict[str, tuple[str, ...]]) -> bool:
    found = _column(random, document, *ways)
    if found is None:
        return False
    table, column = found
    new = random.choice(ways[column["type"]])
    drawn = documents.column(random, column["id"], column["name"], new)
    if new in ("text", "email", "phone", "url") and ways is _LOSSLESS:
        drawn.pop("max_length", None)
    place = table["columns"].index(column)
    table["columns"][place] = {**drawn, "required": column.get("required", False) and random.random() < 0.5}
    if new not in documents.ORDERED:
        _forget_in_sets(table, column["name"])
    return True


@kind
def change_type_without_loss(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retype(random, document, _LOSSLESS)


@kind
def change_type_with_loss(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retype(random, document, _LOSSY)


@kind
def change_digits(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "decimal")
    if found is None:
        return False
    digits = [(12, 2), (14, 4), (6, 1), (12, 1), (20, 8)]
    column = found[1]
    column.pop("default", None)
    precision, scale = random.choice([each for each in digits if each[0] != column.get("precision", 12)])
    column["precision"], column["scale"] = precision, scale
    return True


@kind
def change_length(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "text", "email")
    if found is None:
        return False
    column = found[1]
    column.pop("default", None)
    column["max_length"] = random.choice([length for length in (10, 30, 60, 200) if length != column.get("max_length")])
    return True


@kind
def require(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    free = [column for column in columns if not column.get("required") and column["type"] != "auto_number"]
    column = _pick(random, free)
    if column is None:
        return False
    column["required"] = True
    column.pop("default", None)
    return True


@kind
def require_with_default(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = _pick(random, [column for column in columns if not column.get("required")])
    found = documents.default(random, column) if column else None
    if column is None or found is None:
        return False
    column |= {"required": True, "default": found}
    return True


@kind
def make_optional(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = _pick(random, [*(each for each in (*columns, *document["relationships"]) if each.get("required"))])
    if column is None:
        return False
    column["required"] = False
    return True


@kind
def change_default(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document)
    value = documents.default(random, found[1]) if found else None
    if found is None or value == found[1].get("default"):
        return False
    found[1]["default"] = value
    return True


@kind
def add_option(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "select", "multi_select")
    if found is None:
        return False
    known = {option["value"] for option in found[1]["options"]}
    new = [value for value in (*documents.OPTIONS, "extra") if value not in known]
    found[1]["options"].insert(random.randrange(len(known) + 1), {"value": random.choice(new)})
    return True


@kind
def drop_option(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "select", "multi_select")
    if found is None or len(found[1]["options"]) < 2:
        return False
    gone = random.choice(found[1]["options"])
    found[1]["options"].remove(gone)
    found[1].pop("default", None)
    return True


# Uniqueness and indexes


@kind
def add_unique(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    free = [column for column in columns if not column.get("unique") and column["type"] in documents.ORDERED]
    column = _pick(random, free)
    if column is None:
        return False
    column["unique"] = True
    return True


@kind
def drop_unique(random: Random, document: Document, history: Sequence[Document]) -> bool:
    columns = [column for table in document["tables"] for column in table["columns"]]
    column = _pick(random, [each for each in columns if each.get("unique") and each["type"] != "auto_number"])
    if column is None:
        return False
    column["unique"] = False
    return True


@kind
def add_unique_set(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    names = [*documents.indexable(document, table), "created_at", "user_id"]
    columns = random.sample(names, random.choice([2, min(3, len(names))]))
    if sorted(columns) in [sorted(each) for each in table["unique"]]:
        return False
    table["unique"].append(columns)
    return True


@kind
def drop_unique_set(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = _pick(random, [table for table in document["tables"] if table["unique"]])
    if table is None:
        return False
    table["unique"].remove(random.choice(table["unique"]))
    return True


@kind
def add_index(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = random.choice(document["tables"])
    names = [*documents.indexable(document, table), "created_at"]
    index = {"columns": random.sample(names, random.choice([1, min(2, len(names))]))}
    if index in table["indexes"]:
        return False
    table["indexes"].append(index)
    return True


@kind
def drop_index(random: Random, document: Document, history: Sequence[Document]) -> bool:
    table = _pick(random, [table for table in document["tables"] if table["indexes"]])
    if table is None:
        return False
    table["indexes"].remove(random.choice(table["indexes"]))
    return True


# Relations


def _add_link(random: Random, document: Document, history: Sequence[Document], kind: str) -> bool:
    link = documents.relation(random, document, kind)
    link["id"] = _free_id(document, history, "c_l")
    document["relationships"].append(link)
    return True


@kind
def add_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _add_link(random, document, history, random.choice(["many_to_one", "one_to_one"]))


@kind
def drop_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = _pick(random, _links(document, many=False))
    if link is None:
        return False
    _forget_link(document, link)
    return True


@kind
def retarget_relation(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retarget(random, document, _links(document, many=False))


def _retarget(random: Random, document: Document, links: Sequence[Document]) -> bool:
    link = _pick(random, links)
    others = [table["name"] for table in document["tables"] if link and table["name"] != link["to_table"]]
    if link is None or not others:
        return False
    link["to_table"] = random.choice(others)
    return True


@kind
def change_on_delete(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = _pick(random, _links(document, many=False))
    if link is None:
        return False
    ways = ["cascade", "restrict", *(["set_null"] if not link.get("required") else [])]
    link["on_delete"] = random.choice([way for way in ways if way != link["on_delete"]])
    return True


@kind
def change_cardinality(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = _pick(random, _links(document, many=False))
    if link is None:
        return False
    link["type"] = "many_to_one" if link["type"] == "one_to_one" else "one_to_one"
    link["unique"] = link["type"] == "one_to_one"
    return True


@kind
def add_circle(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """Relations that lead from a table over others back to it."""
    names = [table["name"] for table in document["tables"]]
    ring = random.sample(names, min(len(names), random.choice([1, 2, 3])))
    for source, target in zip(ring, [*ring[1:], ring[0]], strict=True):
        link = documents.relation(random, document, "many_to_one")
        taken = [each["from_column"] for each in document["relationships"] if each["from_table"] == source]
        name = _free_name(random, [f"{name}_id" for name in documents.LINK_NAMES], taken)
        link |= {"from_table": source, "to_table": target, "from_column": name, "required": False}
        document["relationships"].append(link | {"id": _free_id(document, history, "c_l")})
    return True


@kind
def add_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _add_link(random, document, history, MANY_TO_MANY)


@kind
def drop_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = _pick(random, _links(document, many=True))
    if link is None:
        return False
    _forget_link(document, link)
    return True


@kind
def retarget_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    return _retarget(random, document, _links(document, many=True))


@kind
def rename_links(random: Random, document: Document, history: Sequence[Document]) -> bool:
    link = _pick(random, _links(document, many=True))
    if link is None:
        return False
    taken = [each["from_column"] for each in document["relationships"] if each["from_table"] == link["from_table"]]
    link["from_column"] = _free_name(random, documents.LINK_NAMES, taken)
    return True


# Numbers


@kind
def add_number(random: Random, document: Document, history: Sequence[Document]) -> bool:
    free = [table for table in document["tables"] if all(each["type"] != "auto_number" for each in table["columns"])]
    table = _pick(random, free)
    if table is None:
        return False
    table["columns"].append(documents.number(random, _free_name(random, ("number", "code"), _names(document, table))))
    return True


@kind
def drop_number(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "auto_number")
    if found is None:
        return False
    found[0]["columns"].remove(found[1])
    _forget_in_sets(found[0], found[1]["name"])
    return bool(found[0]["columns"])


@kind
def change_start(random: Random, document: Document, history: Sequence[Document]) -> bool:
    found = _column(random, document, "auto_number")
    if found is None:
        return False
    found[1]["start"] = random.choice([start for start in (0, 1, 7, 500, 10_000) if start != found[1].get("start", 1)])
    return True


# What was there before


@kind
def bring_back_table(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """A table with the id of one that went, and those of its relations that have both ends."""
    present = {table["id"] for table in document["tables"]}
    lost = [(each, table) for each in history for table in each["tables"] if table["id"] not in present]
    if not lost:
        return False
    version, table = random.choice(lost)
    table = deepcopy(table)
    old = table["name"]
    ids = {each["name"]: each["id"] for each in version["tables"]}
    table["name"] = _free_name(random, [old], [each["name"] for each in document["tables"]])
    document["tables"].append(table)
    names = {each["id"]: each["name"] for each in document["tables"]}
    taken = {link["id"] for link in document["relationships"]}
    for link in deepcopy(version["relationships"]):
        ends = [ids[link["from_table"]], ids[link["to_table"]]]
        if table["id"] not in ends or link["id"] in taken:
            continue
        if all(end in names for end in ends):
            link["from_table"], link["to_table"] = (names[end] for end in ends)
            document["relationships"].append(link)
        elif link["from_table"] == old:
            _forget_in_sets(table, link["from_column"])
    return True


@kind
def bring_back_column(random: Random, document: Document, history: Sequence[Document]) -> bool:
    """A column, or a relation, with the id of one that went."""
    tables = {table["id"]: table for table in document["tables"]}
    lost: list[tuple[Document, Document, Document]] = []
    for version in history:
        ids = {each["name"]: each["id"] for each in version["tables"]}
        for table in version["tables"]:
            now = tables.get(table["id"])
            if now is None:
                continue
            present = {column["id"] for column in now["columns"]}
            lost += [(now, column, {}) for column in table["columns"] if column["id"] not in present]
        links = {link["id"] for link in document["relationships"]}
        for link in version["relationships"]:
            source, target = tables.get(ids[link["from_table"]]), tables.get(ids[link["to_table"]])
            if source and target and link["id"] not in links:
                lost.append((source, link, target))
    if not lost:
        return False
    table, column, target = random.choice(lost)
    column = deepcopy(column)
    if target:
        column |= {"from_table": table["name"], "to_table": target["name"]}
        document["relationships"].append(column)
    else:
        column["name"] = _free_name(random, [column["name"]], _names(document, table))
        if random.random() < 0.5:
            column |= {"required": False, "unique": column["type"] == "auto_number"}
        table["columns"].append(column)
    return True
