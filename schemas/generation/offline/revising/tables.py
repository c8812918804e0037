"""Commands about tables, and those that say neither table nor column: add, remove, rename."""

from __future__ import annotations

from typing import Final

from schemas.document import Schema
from schemas.generation.edits import OperationError
from schemas.generation.offline.describing import MentionReader
from schemas.generation.offline.designing import new_tables
from schemas.generation.offline.finding import Unclear, find_table, place_of, table_named
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, column_name, is_plural, table_name
from schemas.generation.offline.matching import is_known
from schemas.generation.offline.reading import Reading, chunks
from schemas.generation.offline.revising.steps import Step, Words, dropped, table_step
from schemas.names import relation_column_name

_LONGEST_NAME: Final = 5
"""Words."""


def add_tables(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """New tables as they are described; those that exist already are left alone."""
    reader = MentionReader(reading, lambda noun: is_known(noun) or find_table(schema, noun) is not None)
    reader.read_list(said["what"])
    mentions = list(reader.mentions.values())
    added = new_tables([mention for mention in mentions if find_table(schema, mention.phrase) is None], schema)
    if added:
        return [table_step(table) for table in added]
    label = table_named(schema, mentions[0].phrase if mentions else said["what"]).label_plural
    raise Unclear(f"There is a table {label} already. What should change in it?", [f"Add notes to {label.lower()}"])


def add_anything(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """`add invoices` is a table, `add a fax number` lacks one."""
    what = reading.take_asides(said["what"])[0]
    nouns = [bare(piece.text) for piece in chunks(what)]
    if any(is_plural(noun) or is_known(noun) for noun in nouns) or pattern("describing").search(what):
        return add_tables(schema, said, reading)
    labels = [table.label_plural.lower() for table in schema][:4]
    suggestions = [f"Add {nouns[0]} to {label}" for label in labels] if nouns else []
    raise Unclear(f'To which table should "{what}" be added?', suggestions)


def remove(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Tables or columns, whichever the words name."""
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        is_column = pattern("a_column").search(piece.text)
        table = None if is_column else find_table(schema, piece.text)
        steps.append({"op": "drop_table", "table": table.name} if table else dropped(place_of(schema, piece.text)))
    return steps


def remove_all(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Refuses to drop everything."""
    raise OperationError("An application needs at least one table. Delete the project if you want none of it.")


def rename(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """A table or a column, whichever the words name."""
    old, new, inside = said["old"], bare(said["new"]), said["table"]
    within = None if inside else pattern("within").match(new)
    if within and find_table(schema, within["table"]):
        new, inside = within["new"], within["table"]
    if not inside and "." in old:
        inside, old = old.split(".", 1)
    if " and " in new or len(new.split()) > _LONGEST_NAME:
        raise Unclear(f'What should "{bare(old)}" be called, or of which type should it be? Say one thing at a time.')
    table = None if inside else find_table(schema, old)
    if table and not pattern("a_column").search(old):
        return [{"op": "rename_table", "table": table.name, "new_name": table_name(new)}]
    place = place_of(schema, old, inside)
    name = relation_column_name(column_name(new)) if place.column.is_relation else column_name(new)
    return [{"op": "rename_column", "table": place.table.name, "column": place.column.name, "new_name": name}]
