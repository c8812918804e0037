"""Commands about columns: add, remove, make required or unique, another type, default or choices."""

from __future__ import annotations

import re

from schemas.document import Json, Schema, Table
from schemas.generation.offline.attributes import (
    WITH_OPTIONS,
    any_options,
    completed,
    currency_of,
    role_in,
    shared_noun,
    stated,
)
from schemas.generation.offline.finding import Unclear, find_table, place_of, table_named
from schemas.generation.offline.grammar import pattern
from schemas.generation.offline.lexicon import bare, explicit_type, noun_key, options, table_name, usual_options
from schemas.generation.offline.reading import Reading, chunks, values
from schemas.generation.offline.revising.steps import (
    Step,
    Words,
    change,
    column_step,
    dropped,
    many_step,
    options_of,
    relation_step,
)
from schemas.generation.offline.revising.tables import add_tables, rename


def add_columns(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Every column that is listed, in every table that is named."""
    named, _, listed = said["table"].partition(":")
    if listed:
        said = {**said, "table": named, "what": f"{said['what']}: {listed.strip()}"}
    if find_table(schema, said["table"]) is None and " and " not in said["table"]:
        return _add_to_missing(schema, said, reading)
    pieces = _pieces(said["what"])
    phrases = [shared_noun(piece, following) for piece, following in zip(pieces, [*pieces[1:], ""], strict=True)]
    tables = [table_named(schema, piece.text) for piece in chunks(said["table"])]
    return [_column_step(schema, table, phrase, reading) for table in tables for phrase in phrases]


def _pieces(text: str) -> list[str]:
    """The columns in a list; choices behind `with options` or a colon stay with theirs up to the next `a` or `the`."""
    if pattern("with_options").search(text):
        return [text]
    pieces: list[str] = []
    for chunk in chunks(text):
        if pieces and ":" in pieces[-1] and not pattern("next_column").match(chunk.text):
            pieces[-1] += f", {chunk.text}"
        else:
            pieces.append(chunk.text)
    return pieces


def _add_to_missing(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """`invoices have a number` describes a new table; `add a number to invoices` misses one."""
    if pattern("adding").match(said["command"]):
        table_named(schema, said["table"])
    return add_tables(schema, {"what": said["command"]}, reading)


def _column_step(schema: Schema, table: Table, phrase: str, reading: Reading) -> Step:
    """A column, or a relation where the phrase is the name of another table."""
    noun, asides = reading.take_asides(phrase)
    is_many = pattern("many_of").match(noun) is not None
    noun = pattern("link_to").sub("", bare(noun))
    target = None if asides else find_table(schema, noun)
    if target and target != table and table_name(noun) in (target.name, table_name(target.label)):
        return many_step(table, target) if is_many else relation_step(table, target)
    if played := None if asides else role_in(noun):
        target = find_table(schema, played.noun)
        if target and noun_key(played.noun) == noun_key(target.name):
            return relation_step(table, target, f"{played.role} {played.noun}")
    described = stated(phrase, reading)
    if described is None:
        question = f'What should "{bare(phrase)}" hold in {table.label_plural.lower()}?'
        raise Unclear(f"{question} Every row has an id, an owner and two timestamps already; choose another name.")
    return column_step(table, completed(described, of=table.name))


def remove_from(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Columns of the tables that are named."""
    tables = [piece.text for piece in chunks(said["table"])]
    if len(tables) > 1 and all(find_table(schema, table) for table in tables):
        return [dropped(place_of(schema, piece.text, table)) for table in tables for piece in chunks(said["what"])]
    if find_table(schema, said["table"]) is None:
        return [dropped(place_of(schema, said["what"], said["table"]))]
    return [dropped(place_of(schema, piece.text, said["table"])) for piece in chunks(said["what"])]


def set_flag(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Required, optional or unique, and the contrary."""
    flag = said.get("flag", "").lower() or "required"
    is_on = flag != "optional" and not said.get("not")
    steps: list[Step] = []
    for piece in chunks(said["what"]):
        place = place_of(schema, piece.text, said["table"])
        if "unique" in flag:
            steps.append(change(place, unique=is_on))
        if "unique" in flag and " and " not in flag:
            continue
        if is_on and place.column.config.get("on_delete") == "set_null":
            steps.append(change(place, required=True, on_delete="restrict"))
        else:
            steps.append(change(place, required=is_on))
    return steps


def change_type(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Another type, with the currency or the choices that are named; what is no type is a new name."""
    text, asides = reading.take_asides(said["type"])
    text, listed = _split_choices(text)
    currency = currency_of(text)
    kind = "currency" if currency else explicit_type(text)
    if not kind:
        return rename(schema, {**said, "old": said["what"], "new": said["type"]}, reading)
    place = place_of(schema, said["what"], said["table"])
    facts: dict[str, Json] = {"type": kind} if kind != place.column.type else {}
    if currency:
        facts["currency"] = currency
    if kind in WITH_OPTIONS:
        choices = options([*listed, *(value for aside in asides for value in values(aside))])
        facts |= {"options": choices or options_of(place) or usual_options(place.column.title) or any_options()}
    return [change(place, **(facts or {"type": kind}))]


def set_options(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """`status can be new, won or lost, default new`: these are the choices, and what is none of them is gone."""
    place = place_of(schema, said["what"], said["table"])
    before = {option["value"]: option for option in options_of(place)}
    choices: list[Json] = [before.get(option["value"], option) for option in options(values(said["values"]))]
    default = next((option["value"] for option in options([said.get("default", "")])), None)
    if default is not None and default not in [option["value"] for option in choices]:
        question = f'"{said["default"]}" is none of the choices of {place.column.title}. What should the default be?'
        raise Unclear(question, [f"Set the default of {place.column.title.lower()} to {choices[0]['label']}"])
    kind = "multi_select" if said.get("several") or place.column.type == "multi_select" else "select"
    facts: dict[str, Json] = {"options": choices}
    if kind != place.column.type:
        facts["type"] = kind
    if default is not None:
        facts["default"] = [default] if kind == "multi_select" else default
    elif place.column.default is not None and kind == place.column.type:
        kept = place.column.default in [option["value"] for option in choices]
        facts |= {} if kept else {"default": None}
    return [change(place, **facts)]


def set_default(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """What new records have where nobody enters anything."""
    place = place_of(schema, said["what"], said["table"])
    text = said["value"].strip(" \"'")
    known = {option[key].lower(): option["value"] for option in options_of(place) for key in ("value", "label")}
    known |= {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False} if not known else {}
    number = int(text) if re.fullmatch(r"-?\d{1,15}", text) else text
    return [change(place, default=known.get(text.lower(), number))]


def add_options(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """Choices beside those that there are."""
    place = place_of(schema, said["column"], said["table"])
    known = {option["value"] for option in options_of(place)}
    fresh = [option for option in options(values(said["what"])) if option["value"] not in known]
    return [change(place, options=[*options_of(place), *fresh])]


def remove_options(schema: Schema, said: Words, reading: Reading) -> list[Step]:
    """All choices but these; a default that is none any more goes too."""
    place = place_of(schema, said["column"], said["table"])
    gone = {option["value"] for option in options(values(said["what"]))}
    kept = [option for option in options_of(place) if option["value"] not in gone]
    forgotten = {"default": None} if place.column.default in gone else {}
    return [change(place, options=kept, **forgotten)]


def _split_choices(text: str) -> tuple[str, tuple[str, ...]]:
    """`a select with options red and blue` as the type and its choices."""
    found = pattern("with_options").search(text)
    return (text[: found.start()].strip(), values(text[found.end() :].strip(" :"))) if found else (text, ())
