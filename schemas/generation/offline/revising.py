"""Commands in words as operations on the schema that exists: `add a fax number to agents`, `link every task to a deal`.

`grammar` says which words are which command; here is what each command means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.document import Json, Schema, Table
from schemas.generation.edits import OperationError
from schemas.generation.offline.attributes import completed, shared_noun, stated
from schemas.generation.offline.designing import link_table, new_tables, relation
from schemas.generation.offline.finding import Place, Unclear, find_table, place_of, table_named
from schemas.generation.offline.grammar import commands, pattern
from schemas.generation.offline.lexicon import (
    bare,
    column_name,
    explicit_type,
    is_plural,
    options,
    table_name,
    usual_options,
)
from schemas.generation.offline.matching import is_known
from schemas.generation.offline.mentions import MentionReader
from schemas.generation.offline.reading import Reading, chunks, values
from schemas.generation.operations import apply_all, operations_from_json
from schemas.names import relation_column_name

Step = dict[str, Json]
Words = Mapping[str, str]
"""What a pattern caught, by the names of its groups; empty where a group caught nothing."""
Handler = Callable[[Schema, Words, Reading], list[Step]]

_RELATING: Final = frozenset({"add_relation", "drop_relation"})
_LONGEST_COMMAND: Final = 600
"""Characters. Nobody writes longer ones, and matching them would take long."""
_LINKING: Final = ("link", "unlink")


@dataclass(frozen=True, slots=True)
class Revision:
    """What the commands of a prompt stand for.

    Args:
        steps: the operations; none when the prompt has no command.
        is_relating: whether they do nothing but link tables.
    """

    steps: tuple[Step, ...]
    is_relating: bool


def revise(schema: Schema, reading: Reading) -> Revision:
    """Reads the commands of a prompt.

    Raises:
        Unclear: when a command does not say what it is about.
        OperationError: when one asks for what cannot be.
    """
    steps: list[Step] = []
    is_relating = True
    for command in _commands(reading):
        key, made = _steps(schema, _with_antecedent(command, steps), reading)
        schema = apply_all(schema, operations_from_json(made))
        steps += made
        is_relating &= key.startswith(_LINKING) or all(step["op"] in _RELATING for step in made)
    return Revision(tuple(steps), is_relating)


def _with_antecedent(command: str, steps: Sequence[Step]) -> str:
    """The command with the column that was spoken of last in place of `it`."""
    if not steps or "column" not in steps[-1]:
        return command
    last = steps[-1].get("new_name") or steps[-1]["column"]
    name = last if isinstance(last, str) else last["name"]
    return re.sub(r"\bit\b", f"{name} of {steps[-1]['table']}", command)


def _commands(reading: Reading) -> Iterator[str]:
    for sentence in reading.sentences:
        start = 0
        for found in [*pattern("next").finditer(sentence.text), None]:
            piece = sentence.text[start : found.start() if found else None].strip()
            start = found.end() if found else 0
            if piece:
                yield pattern("polite").sub("", piece)


def _steps(schema: Schema, command: str, reading: Reading) -> tuple[str, list[Step]]:
    """Which command it is, and its operations."""
    if len(command) > _LONGEST_COMMAND:
        return "", []
    for key, sentence in commands():
        if found := sentence.match(command):
            caught = {name: (text or "").strip() for name, text in found.groupdict().items()}
            return key, _HANDLERS[key](schema, {"table": "", "command": command, **caught}, reading)
    return "", []


def _add_tables(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    reader = MentionReader(reading, lambda noun: is_known(noun) or find_table(schema, noun) is not None)
    reader.read_list(said["what"])
    mentions = list(reader.mentions.values())
    added = new_tables([mention for mention in mentions if find_table(schema, mention.phrase) is None], schema)
    if added:
        return [_table_step(table) for table in added]
    label = table_named(schema, mentions[0].phrase if mentions else said["what"]).label_plural
    raise Unclear(f"There is a table {label} already. What should change in it?", [f"Add notes to {label.lower()}"])


def _add_columns(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    if find_table(schema, said["table"]) is None and " and " not in said["table"]:
        return _add_to_missing(schema, said, reading)
    pieces = (
        [said["what"]]
        if pattern("with_options").search(said["what"])
        else [piece.text for piece in chunks(said["what"])]
    )
    phrases = [shared_noun(piece, following) for piece, following in zip(pieces, [*pieces[1:], ""], strict=True)]
    tables = [table_named(schema, piece.text) for piece in chunks(said["table"])]
    return [_column_step(schema, table, phrase, reading) for table in tables for phrase in phrases]


def _add_to_missing(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """`invoices have a number` describes a new table; `add a number to invoices` misses one."""
    if pattern("adding").match(said["command"]):
        table_named(schema, said["table"])
    return _add_tables(schema, {"what": said["command"]}, reading)


def _column_step(schema: Schema, table: Table, phrase: str, reading: Reading) -> Step:
    """A column, or a relation where the phrase is the name of another table."""
    noun, asides = reading.take_asides(phrase)
    noun = pattern("link_to").sub("", bare(noun))
    target = None if asides else find_table(schema, noun)
    if target and target != table and table_name(noun) in (target.name, table_name(target.label)):
        return _relation_step(table, target)
    described = stated(phrase, reading)
    if described is None:
        question = f'What should "{bare(phrase)}" hold in {table.label_plural.lower()}?'
        raise Unclear(f"{question} Every row has an id, an owner and two timestamps already; choose another name.")
    return {"op": "add_column", "table": table.name, "column": completed(described).to_json()}


def _add_anything(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """`add invoices` is a table, `add a fax number` lacks one."""
    what = reading.take_asides(said["what"])[0]
    nouns = [bare(piece.text) for piece in chunks(what)]
    if any(is_plural(noun) or is_known(noun) for noun in nouns) or re.search(
        r"\b(?:with|having|linked|belonging)\b", what
    ):
        return _add_tables(schema, said, reading)
    labels = [table.label_plural.lower() for table in schema][:4]
    suggestions = [f"Add {nouns[0]} to {label}" for label in labels] if nouns else []
    raise Unclear(f'To which table should "{what}" be added?', suggestions)


def _remove_from(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    if find_table(schema, said["table"]) is None:
        return [_dropped(place_of(schema, said["what"], said["table"]))]
    return [_dropped(place_of(schema, piece.text, said["table"])) for piece in chunks(said["what"])]


def _remove(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        is_column = pattern("a_column").search(piece.text)
        table = None if is_column else find_table(schema, piece.text)
        steps.append({"op": "drop_table", "table": table.name} if table else _dropped(place_of(schema, piece.text)))
    return steps


def _remove_all(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    raise OperationError("An application needs at least one table. Delete the project if you want none of it.")


def _rename(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    old, new, inside = said["old"], bare(said["new"]), said["table"]
    if not inside and "." in old:
        inside, old = old.split(".", 1)
    table = None if inside else find_table(schema, old)
    if table and not pattern("a_column").search(old):
        return [{"op": "rename_table", "table": table.name, "new_name": table_name(new)}]
    place = place_of(schema, old, inside)
    name = relation_column_name(column_name(new)) if place.column.is_relation else column_name(new)
    return [{"op": "rename_column", "table": place.table.name, "column": place.column.name, "new_name": name}]


def _set_flag(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    flag = said.get("flag", "").lower() or "required"
    is_on = flag != "optional" and not said.get("not")
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        place = place_of(schema, piece.text, said["table"])
        if "unique" in flag:
            steps.append(_change(place, unique=is_on))
        if flag == "unique":
            continue
        if is_on and place.column.config.get("on_delete") == "set_null":
            steps.append(_change(place, required=True, on_delete="restrict"))
        else:
            steps.append(_change(place, required=is_on))
    return steps


def _change_type(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    text, asides = reading.take_asides(said["type"])
    kind = explicit_type(text)
    if not kind:
        return _rename(schema, {**said, "old": said["what"], "new": said["type"]}, reading)
    place = place_of(schema, said["what"], said["table"])
    choices = options(value for aside in asides for value in values(aside)) or usual_options(place.column.title)
    return [_change(place, type=kind, **({"options": choices} if choices and kind == "select" else {}))]


def _set_default(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    place = place_of(schema, said["what"], said["table"])
    text = said["value"].strip(" \"'")
    known = {option[key].lower(): option["value"] for option in _options_of(place) for key in ("value", "label")}
    known |= {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False} if not known else {}
    number = int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
    return [_change(place, default=known.get(text.lower(), number))]


def _add_options(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    place = place_of(schema, said["column"], said["table"])
    known = {option["value"] for option in _options_of(place)}
    fresh = [option for option in options(values(said["what"])) if option["value"] not in known]
    return [_change(place, options=[*_options_of(place), *fresh])]


def _remove_options(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    place = place_of(schema, said["column"], said["table"])
    gone = {option["value"] for option in options(values(said["what"]))}
    kept = [option for option in _options_of(place) if option["value"] not in gone]
    forgotten = {"default": None} if place.column.default in gone else {}
    return [_change(place, options=kept, **forgotten)]


def _link(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    table = table_named(schema, said["table"])
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        target = find_table(schema, piece.text)
        if target is None:
            mine, other = table.label_plural.lower(), table_name(piece.text).replace("_", " ")
            question = f'There is no table "{other}" to link {mine} to. Should I add one?'
            raise Unclear(question, [f"Add a table {other}, and link {mine} to {other}"])
        steps.append(_relation_step(table, target))
    return steps


def _link_many(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    return [_relation_step(table_named(schema, said["what"]), table_named(schema, said["table"]))]


def _link_both_ways(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    return [_table_step(link_table(table_named(schema, said["table"]), table_named(schema, said["what"])))]


def _unlink(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    table, target = table_named(schema, said["table"]), table_named(schema, said["what"])
    for near, far in ((table, target), (target, table)):
        for column in near.columns:
            if column.config.get("to_table") == far.name:
                return [_dropped(Place(near, column))]
    raise Unclear(f"{table.label_plural} and {target.label_plural.lower()} are not linked. Which link should go?")


def _table_step(table: Table) -> Step:
    return {"op": "add_table", "table": table.to_json() | {"columns": [column.to_json() for column in table.columns]}}


def _relation_step(table: Table, target: Table) -> Step:
    column = relation(target.name, name=f"parent_{target.label.lower()}" if table == target else "")
    return {"op": "add_relation", "relationship": column.to_relationship(table.name)}


def _dropped(place: Place) -> Step:
    op = "drop_relation" if place.column.is_relation else "drop_column"
    return {"op": op, "table": place.table.name, "column": place.column.name}


def _change(place: Place, **facts: Json) -> Step:
    return {"op": "change_column", "table": place.table.name, "column": place.column.name, "set": facts}


def _options_of(place: Place) -> list[Json]:
    return list(place.column.to_json().get("options", []))


_HANDLERS: Final[Mapping[str, Handler]] = {
    "add_anything": _add_anything,
    "add_columns": _add_columns,
    "add_options": _add_options,
    "add_tables": _add_tables,
    "change_type": _change_type,
    "link": _link,
    "link_both_ways": _link_both_ways,
    "link_many": _link_many,
    "remove": _remove,
    "remove_all": _remove_all,
    "remove_from": _remove_from,
    "remove_options": _remove_options,
    "rename": _rename,
    "set_default": _set_default,
    "set_flag": _set_flag,
    "unlink": _unlink,
}
