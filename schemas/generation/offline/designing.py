"""From a description to a schema document: bundled tables where the words mean them, new ones elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.blueprints import Blueprint
from schemas.document import Column, Schema, Table, UIHints, stable_id
from schemas.generation.offline.attributes import completed
from schemas.generation.offline.description import Description
from schemas.generation.offline.lexicon import bare, icon_of, kind_of, noun_key, table_name, words
from schemas.generation.offline.matching import speaks_of, table_of
from schemas.generation.offline.mentions import Link, Mention
from schemas.names import humanise, plural, relation_column_name, singular

_LISTED_COLUMNS = 6
_MOST_ASSUMED = 2
_TITLES = {"people": "full_name", "money": "reference"}
_TITLE_TYPES = ("text", "email")


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """One table to be: what the text says, and the bundled table that it means."""

    mention: Mention
    name: str
    source: tuple[Blueprint, Table] | None


def whole_blueprint(blueprint: Blueprint, name: str) -> Design:
    """All of a blueprint, for a prompt that names a line of work and nothing else."""
    schema = replace(blueprint.document, name=name or blueprint.title)
    return Design(schema, (blueprint.title,), ())


def design(description: Description, blueprint: Blueprint | None) -> Design:
    """The tables that the description names, linked as it says and as the blueprint has them."""
    plans = _plans(description.mentions, blueprint)
    tables = [_table(plan, plans) for plan in plans]
    tables = _linked(tables, plans)
    tables, assumed = _assumed_links(tables, plans)
    schema = Schema(name=_name(description, blueprint, plans), tables=tuple(_with_hints(table) for table in tables))
    return Design(
        schema=schema,
        sources=tuple(dict.fromkeys(plan.source[0].title for plan in plans if plan.source)),
        invented=tuple(plan.name for plan in plans if plan.source is None),
        assumed=assumed,
    )


def new_tables(mentions: Iterable[Mention], existing: Schema) -> tuple[Table, ...]:
    """Tables for what is mentioned, beside those of a schema that they may link to."""
    plans = [plan for plan in _plans(tuple(mentions), None) if not existing.has_table(plan.name)]
    tables = _linked([_table(plan, plans) for plan in plans], plans, existing)
    return tuple(_with_hints(table) for table in tables)


def relation(target: str, name: str = "", is_required: bool = False) -> Column:
    """A relation to the table `target`, named after it unless `name` says otherwise."""
    column = relation_column_name(name or singular(target))
    config = {"to_table": target, "relation": "many_to_one", "on_delete": "restrict" if is_required else "set_null"}
    return Column(id=stable_id("c", column), name=column, type="relation", required=is_required, config=config)


def link_table(first: Table, second: Table) -> Table:
    """The table between two that have many of each other."""
    ends = [relation(table.name, is_required=True) for table in (first, second)]
    columns = tuple(replace(end, config={**end.config, "on_delete": "cascade"}) for end in ends)
    name = f"{singular(first.name)}_{second.name}"
    hints = UIHints(
        label=f"{first.label} {second.label.lower()}",
        label_plural=f"{first.label} {second.label_plural.lower()}",
        icon="link",
    )
    note = Column(id=stable_id("c", "note"), name="note", type="text")
    names = tuple(column.name for column in columns)
    return Table(id=stable_id("t", name), name=name, columns=(note, *columns), ui_hints=hints, unique=(names,))


def _plans(mentions: Sequence[Mention], blueprint: Blueprint | None) -> list[_Plan]:
    """One plan for every mention, and for every certain target of a link that is not mentioned itself."""
    known = {mention.key for mention in mentions}
    targets = [
        Mention(link.target)
        for mention in mentions
        for link in mention.links
        if link.is_certain and noun_key(link.target) not in known
    ]
    plans: dict[str, _Plan] = {}
    for mention in (*mentions, *targets):
        name = table_name(mention.phrase)
        source = table_of(mention.phrase, blueprint)
        if source and noun_key(source[1].name) == mention.key:
            name = source[1].name
        if name:
            plans.setdefault(name, _Plan(mention, name, source))
    return list(plans.values())


def _table(plan: _Plan, plans: Sequence[_Plan]) -> Table:
    if plan.source is None:
        return _new_table(plan)
    blueprint, table = plan.source
    names = _names_of(blueprint, plans)
    columns = tuple(
        plan_column for column in table.columns for plan_column in _bundled(blueprint, table, column, names)
    )
    if plan.mention.columns:
        relations = tuple(column for column in columns if column.is_relation)
        columns = (*_described(plan, [column for column in columns if not column.is_relation]), *relations)
    label = singular(humanise(plan.name)) if plan.name != table.name else table.label
    hints = replace(
        table.ui_hints,
        label=label,
        label_plural=plural(label) if plan.name != table.name else table.label_plural,
    )
    return replace(table, id=stable_id("t", plan.name), name=plan.name, columns=_ordered(columns), ui_hints=hints)


def _names_of(blueprint: Blueprint, plans: Sequence[_Plan]) -> dict[str, str]:
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


def _new_table(plan: _Plan) -> Table:
    kind = kind_of(plan.mention.phrase)
    starters = [Column.from_json(item, "$") for item in words("starters")[kind]]
    columns = _described(plan, starters) if plan.mention.columns else tuple(starters)
    label = humanise(singular(plan.name))
    hints = UIHints(label=label, label_plural=plural(label), icon=icon_of(plan.mention.phrase))
    return Table(id=stable_id("t", plan.name), name=plan.name, columns=columns, ui_hints=hints)


def _described(plan: _Plan, usual: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that the text lists, in its order; what it leaves open is as usual, and something names the row."""
    by_name = {column.name: column for column in usual}
    made = [completed(data, by_name.get(data["name"])) for data in plan.mention.columns]
    if not any(column.type in _TITLE_TYPES for column in made):
        kind = kind_of(plan.mention.phrase)
        name = _TITLES.get(kind, "name")
        happens = next((column for column in made if column.type in ("datetime", "date")), None)
        if happens is None or kind != "happenings":
            made.insert(0, Column(id=stable_id("c", name), name=name, type="text", required=True))
    return tuple(made)


def _linked(tables: Sequence[Table], plans: Sequence[_Plan], existing: Schema | None = None) -> list[Table]:
    """The tables with the relations that the text states and that they do not have yet."""
    by_key = {plan.mention.key: plan.name for plan in plans}
    by_key |= {noun_key(table.name): table.name for table in existing or ()}
    made = {table.name: table for table in tables}
    for plan in plans:
        for link in plan.mention.links:
            target = by_key.get(noun_key(link.target)) or by_key.get(singular(table_name(link.target)))
            if target and plan.name in made:
                _add_link(made, plan.name, target, link, existing)
    return list(made.values())


def _add_link(made: dict[str, Table], name: str, target: str, link: Link, existing: Schema | None) -> None:
    table = made[name]
    other = made.get(target) or (existing.table(target) if existing else None)
    if other is None or any(column.config.get("to_table") == target for column in table.columns):
        return
    back = next((column for column in other.columns if column.config.get("to_table") == name), None)
    if (link.is_many or back) and name != target:
        between = link_table(table, other)
        reverse = link_table(other, table).name
        if back and target in made:
            made[target] = replace(other, columns=tuple(column for column in other.columns if column is not back))
        if reverse not in made:
            made.setdefault(between.name, between)
        return
    column = relation(target, name=f"parent_{singular(target)}" if name == target else "", is_required=link.is_required)
    if all(column.name != taken.name for taken in table.columns):
        made[name] = replace(table, columns=_ordered((*table.columns, column)))


def _assumed_links(tables: list[Table], plans: Sequence[_Plan]) -> tuple[list[Table], tuple[str, ...]]:
    """Where the text states no link at all, what happens or costs money is taken to concern the people and things."""
    if any(plan.mention.links for plan in plans):
        return tables, ()
    kinds = {plan.name: kind_of(plan.mention.phrase) for plan in plans}
    targets = [table.name for table in tables if kinds.get(table.name) in ("people", "things")]
    linked: list[Table] = []
    assumed: list[str] = []
    for table in tables:
        stands_alone = not any(column.is_relation for column in table.columns)
        if stands_alone and kinds.get(table.name) in ("happenings", "money") and len(targets) <= _MOST_ASSUMED:
            links = [relation(target) for target in targets]
            assumed += [f"{table.label_plural.lower()} to {target.replace('_', ' ')}" for target in targets]
            table = replace(table, columns=_ordered((*table.columns, *links)))
        linked.append(table)
    return linked, tuple(assumed)


def _ordered(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Relations last, as in documents, and every name once."""
    once = {column.name: column for column in columns}
    return tuple(sorted(once.values(), key=lambda column: column.is_relation))


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


def _name(description: Description, blueprint: Blueprint | None, plans: Sequence[_Plan]) -> str:
    if description.name:
        return description.name
    said = f"{description.field} {' '.join(plan.mention.phrase for plan in plans)}"
    if blueprint and speaks_of(blueprint, said):
        return blueprint.title
    if description.field and len(description.field.split()) <= 4:
        return humanise(bare(description.field))
    labels = [plural(humanise(singular(plan.name))) for plan in plans[:3]]
    return humanise(" and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]])).lower())
