"""From a description to a schema document: bundled tables where the words mean them, new ones elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.blueprints import Blueprint
from schemas.document import Column, Schema, Table, UIHints, stable_id
from schemas.generation.offline.attributes import completed
from schemas.generation.offline.description import Description
from schemas.generation.offline.lexicon import bare, icon_of, kind_of, words
from schemas.generation.offline.linking import linked, ordered, with_assumed_links
from schemas.generation.offline.matching import speaks_of
from schemas.generation.offline.mentions import Mention
from schemas.generation.offline.planning import Plan, plans_of
from schemas.names import humanise, plural, relation_column_name, singular

_LISTED_COLUMNS = 6
_TITLES = {"people": "full_name", "money": "reference"}
_TITLE_TYPES = ("text", "email", "auto_number")


@dataclass(frozen=True, slots=True)
class Design:
    """A drafted schema and what the user should know about it.

    Args:
        schema: the draft.
        sources: titles of the blueprints that tables were taken from.
        invented: tables that are in no blueprint.
        assumed: links that the text does not state, one phrase each.
    """

    schema: Schema
    sources: tuple[str, ...]
    invented: tuple[str, ...]
    assumed: tuple[str, ...] = ()


def whole_blueprint(blueprint: Blueprint, name: str) -> Design:
    """All of a blueprint, for a prompt that names a line of work and nothing else."""
    schema = replace(blueprint.document, name=name or blueprint.title)
    return Design(schema, (blueprint.title,), ())


def design(description: Description, blueprint: Blueprint | None) -> Design:
    """The tables that the description names, linked as it says and as the blueprint has them."""
    plans = plans_of(description.mentions, blueprint)
    tables = [_table(plan, plans) for plan in plans]
    tables = linked(tables, plans)
    tables, assumed = with_assumed_links(tables, plans)
    schema = Schema(name=_name(description, blueprint, plans), tables=tuple(_with_hints(table) for table in tables))
    return Design(
        schema=schema,
        sources=tuple(dict.fromkeys(plan.source[0].title for plan in plans if plan.source)),
        invented=tuple(plan.name for plan in plans if plan.source is None),
        assumed=assumed,
    )


def new_tables(mentions: Iterable[Mention], existing: Schema) -> tuple[Table, ...]:
    """Tables for what is mentioned, beside those of a schema that they may link to."""
    plans = [plan for plan in plans_of(tuple(mentions), None) if not existing.has_table(plan.name)]
    tables = linked([_table(plan, plans) for plan in plans], plans, existing)
    return tuple(_with_hints(table) for table in tables)


def _table(plan: Plan, plans: Sequence[Plan]) -> Table:
    if plan.source is None:
        return _new_table(plan)
    blueprint, table = plan.source
    names = _names_of(blueprint, plans)
    columns = tuple(
        plan_column for column in table.columns for plan_column in _bundled(blueprint, table, column, names)
    )
    if plan.mention.columns:
        relations = tuple(column for column in columns if column.is_relation and not _is_to_itself(column, plan))
        columns = (*_described(plan, [column for column in columns if not column.is_relation]), *relations)
    label = singular(humanise(plan.name)) if plan.name != table.name else table.label
    hints = replace(
        table.ui_hints,
        label=label,
        label_plural=plural(label) if plan.name != table.name else table.label_plural,
    )
    return replace(table, id=stable_id("t", plan.name), name=plan.name, columns=ordered(columns), ui_hints=hints)


def _is_to_itself(column: Column, plan: Plan) -> bool:
    """Whether it links a row to another of the same: a template's, which nobody asked for where columns are listed."""
    return bool(column.config.get("to_table") == plan.name)


def _names_of(blueprint: Blueprint, plans: Sequence[Plan]) -> dict[str, str]:
    """What the blueprint's tables are called in this schema; those that are left out are missing."""
    names: dict[str, str] = {}
    for plan in plans:
        if plan.source and plan.source[0] == blueprint:
            names.setdefault(plan.source[1].name, plan.name)
    return names


def _bundled(blueprint: Blueprint, table: Table, column: Column, names: dict[str, str]) -> Iterable[Column]:
    """The bundled column, a relation under its target's name here, or what stands in for it."""
    if not column.is_relation:
        return (column,)
    target = column.config["to_table"]
    if target not in names:
        return blueprint.stand_ins.get((table.name, column.name), ())
    has_role = column.name not in (relation_column_name(singular(target)), target)
    if names[target] == target:
        return (column,)
    config = {**column.config, "to_table": names[target]}
    if not column.is_stored:
        name, label = (column.name, column.label) if has_role else (names[target], "")
        return (replace(column, id=stable_id("c", name), name=name, label=label, config=config),)
    if has_role:
        return ()
    renamed = relation_column_name(singular(names[target]))
    return (replace(column, id=stable_id("c", renamed), name=renamed, label="", config=config),)


def _new_table(plan: Plan) -> Table:
    kind = kind_of(plan.mention.phrase)
    starters = [Column.from_json(item, "$") for item in words("starters")[kind]]
    columns = _described(plan, starters) if plan.mention.columns else tuple(starters)
    label = humanise(singular(plan.name))
    hints = UIHints(label=label, label_plural=plural(label), icon=icon_of(plan.mention.phrase))
    return Table(id=stable_id("t", plan.name), name=plan.name, columns=columns, ui_hints=hints)


def _described(plan: Plan, usual: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that the text lists, in its order; what it leaves open is as usual, and something names the row."""
    by_name = {column.name: column for column in usual}
    made = [completed(data, by_name.get(data["name"]), of=plan.name) for data in plan.mention.columns]
    if not any(column.type in _TITLE_TYPES for column in made):
        kind = kind_of(plan.mention.phrase)
        name = _TITLES.get(kind, "name")
        happens = next((column for column in made if column.type in ("datetime", "date")), None)
        if happens is None or kind != "happenings":
            made.insert(0, Column(id=stable_id("c", name), name=name, type="text", required=True))
    return tuple(made)


def _with_hints(table: Table) -> Table:
    """The table with hints, indexes and unique combinations that speak of columns which it has."""
    names = [column.name for column in table.columns]
    hints = table.ui_hints
    title = hints.title_column if hints.title_column in names else _title(table.columns)
    listed = tuple(name for name in hints.list_columns if name in names)
    sort = hints.default_sort if hints.default_sort.lstrip("-") in [*names, "created_at"] else ""
    settled: dict[str, Any] = {
        "title_column": title,
        "list_columns": listed if len(listed) > 2 else _list_of(table.columns, title),
        "default_sort": sort or "-created_at",
    }
    return replace(
        table,
        ui_hints=replace(hints, **settled),
        indexes=tuple(group for group in table.indexes if set(group) <= set(names)),
        unique=tuple(group for group in table.unique if set(group) <= set(names)),
    )


def _title(columns: Iterable[Column]) -> str:
    plain = [column for column in columns if not column.is_relation]
    preferred = [column for column in plain if column.name.endswith(("name", "title", "subject"))]
    texts = [column for column in plain if column.type in _TITLE_TYPES]
    required = [column for column in plain if column.required]
    return next((column.name for column in (*preferred, *texts, *required, *plain)), "")


def _list_of(columns: Iterable[Column], title: str) -> tuple[str, ...]:
    shown = [column.name for column in columns if column.type not in ("long_text", "json")]
    return tuple(dict.fromkeys([*([title] if title else []), *shown]))[:_LISTED_COLUMNS]


def _name(description: Description, blueprint: Blueprint | None, plans: Sequence[Plan]) -> str:
    if description.name:
        return description.name
    said = f"{description.field} {' '.join(plan.mention.phrase for plan in plans)}"
    if blueprint and speaks_of(blueprint, said):
        return blueprint.title
    if description.field and len(description.field.split()) <= 4:
        return humanise(bare(description.field))
    labels = [plural(humanise(singular(plan.name))) for plan in plans[:3]]
    return humanise(" and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]])).lower())
