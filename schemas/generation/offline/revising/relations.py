"""Commands about relations: link to one, to many, one to one, to the table itself; unlink."""

from __future__ import annotations

from schemas.document import Column, Schema, stable_id
from schemas.generation.offline.designing import new_tables
from schemas.generation.offline.finding import Place, Unclear, find_table, table_named
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, column_name, is_member, is_shared, self_role, table_name, words
from schemas.generation.offline.mentions import Mention
from schemas.generation.offline.reading import Reading, chunks
from schemas.generation.offline.revising.steps import (
    Step,
    Words,
    column_step,
    dropped,
    many_step,
    relation_step,
    table_step,
)


def link(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """To one row of each table that is named; to a member of the project where a team member is meant."""
    table = table_named(schema, said["table"])
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        said_of_it = pattern("relative").sub("", piece.text)
        text = pattern("one_to_one").sub("", said_of_it).strip()
        target = find_table(schema, text)
        if target is None and is_member(text):
            name = column_name(said.get("verb") or "assigned to")
            steps.append(column_step(table, Column(id=stable_id("c", name), name=name, type="user")))
        elif target is None:
            mine, other = table.label_plural.lower(), table_name(text).replace("_", " ")
            question = f'There is no table "{other}" to link {mine} to. Should I add one?'
            raise Unclear(question, [f"Add a table {other}, and link {mine} to {other}"])
        elif pattern("many_of").match(text):
            steps.append(many_step(table, target))
        else:
            steps.append(relation_step(table, target, is_single=text != said_of_it))
    return steps


def link_one(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """One row of the one to one row of the other."""
    table = table_named(schema, said["table"])
    return [relation_step(table, table_named(schema, said["what"]), is_single=True)]


def link_self(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Rows of a table to another row of the same: `employees report to another employee`."""
    table = table_named(schema, said["table"])
    other = said.get("what", "")
    is_superior = bare(other).lower() in words("superiors") and find_table(schema, other) is None
    if not other or is_superior:
        return [relation_step(table, table, self_role(said["verb"]))]
    target = table_named(schema, other)
    return [relation_step(table, target, self_role(said["verb"]) if target == table else "")]


def link_many(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """What one row has many of points to it; what many rows share, such as tags, is linked both ways."""
    table = table_named(schema, said["table"])
    if not is_shared(said["what"]):
        return [relation_step(table_named(schema, said["what"]), table)]
    target = find_table(schema, said["what"])
    if target:
        return [many_step(table, target)]
    (added,) = new_tables([Mention(bare(said["what"]))], schema)
    return [table_step(added), many_step(table, added)]


def link_both_ways(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Many rows of the one to many rows of the other."""
    return [many_step(table_named(schema, said["table"]), table_named(schema, said["what"]))]


def unlink(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Takes the link between two tables away, whichever of them has it."""
    table, target = table_named(schema, said["table"]), table_named(schema, said["what"])
    for near, far in ((table, target), (target, table)):
        for column in near.columns:
            if column.config.get("to_table") == far.name:
                return [dropped(Place(near, column))]
    raise Unclear(f"{table.label_plural} and {target.label_plural.lower()} are not linked. Which link should go?")
