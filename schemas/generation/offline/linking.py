"""Relations between drafted tables: those that the text states, and those that are assumed where it states none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from schemas.document import MANY_TO_MANY, Column, Schema, Table, stable_id
from schemas.generation.offline.lexicon import column_name, kind_of, noun_key, table_name
from schemas.generation.offline.mentions import Link
from schemas.generation.offline.planning import Plan
from schemas.names import relation_column_name, singular

_MOST_ASSUMED: Final = 2


def relation(target: str, name: str = "", *, is_required: bool = False, is_single: bool = False) -> Column:
    """A relation to the table `target`, named after it unless `name` says otherwise; `is_single` is one to one."""
    column = relation_column_name(column_name(name) or singular(target))
    kind = "one_to_one" if is_single else "many_to_one"
    config = {"to_table": target, "relation": kind, "on_delete": "restrict" if is_required else "set_null"}
    return Column(
        id=stable_id("c", column),
        name=column,
        type="relation",
        required=is_required,
        unique=is_single,
        config=config,
    )


def many_to_many(target: str) -> Column:
    """A link to many rows of the table `target`, each of which many may link to."""
    return Column(id=stable_id("c", target), name=target, type=MANY_TO_MANY, config={"to_table": target})


def linked(tables: Sequence[Table], plans: Sequence[Plan], existing: Schema | None = None) -> list[Table]:
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
    if other is None:
        return
    if name == target:
        column = relation(target, name=link.role or f"parent_{singular(target)}", is_required=link.is_required)
        made[name] = _with_column(table, column)
        return
    there, back = _links_to(table, target), _links_to(other, name)
    if link.is_many and any(not column.is_stored for column in there + back):
        return
    if there and not link.role:
        made[name] = _adjusted(table, there[0], link)
    elif back and target in made and not link.role:
        made[target] = _both_ways(other, back[0], name)
    elif link.is_many:
        made[name] = _with_column(table, many_to_many(target))
    else:
        column = relation(target, name=link.role, is_required=link.is_required, is_single=link.is_single)
        made[name] = _with_column(table, column)


def _links_to(table: Table, target: str) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if column.config.get("to_table") == target)


def _with_column(table: Table, column: Column) -> Table:
    """The table with one column more, unless it has one of that name."""
    if any(column.name == taken.name for taken in table.columns):
        return table
    return replace(table, columns=ordered((*table.columns, column)))


def _adjusted(table: Table, column: Column, link: Link) -> Table:
    """The table with the relation that it has, as one to one or to many where the text says so."""
    if link.is_many and column.is_stored:
        return _swapped(table, column, many_to_many(column.config["to_table"]))
    if link.is_single and column.is_stored:
        return _swapped(table, column, replace(column, unique=True, config={**column.config, "relation": "one_to_one"}))
    return table


def _both_ways(table: Table, column: Column, target: str) -> Table:
    """The table whose relation to the target is answered by one back: both have many of each other."""
    return _swapped(table, column, many_to_many(target)) if column.is_stored else table


def _swapped(table: Table, before: Column, after: Column) -> Table:
    columns = [after if column is before else column for column in table.columns]
    return replace(table, columns=ordered(columns))


def with_assumed_links(tables: list[Table], plans: Sequence[Plan]) -> tuple[list[Table], tuple[str, ...]]:
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
            table = replace(table, columns=ordered((*table.columns, *links)))
        linked.append(table)
    return linked, tuple(assumed)


def ordered(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Relations last, as in documents, and every name once."""
    once = {column.name: column for column in columns}
    return tuple(sorted(once.values(), key=lambda column: column.is_relation))
