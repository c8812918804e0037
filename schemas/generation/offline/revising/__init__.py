"""Commands in words as operations on the schema that exists: `add a fax number to agents`, `link every task to a deal`.

`grammar.txt` says which words are which command; the modules of this package say what each command means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.document import Schema
from schemas.generation.offline.grammar import commands, pattern
from schemas.generation.offline.reading import Reading
from schemas.generation.offline.revising import columns, relations, tables
from schemas.generation.offline.revising.steps import Handler, Step
from schemas.generation.operations import apply_all, operations_from_json

_HANDLERS: Final[Mapping[str, Handler]] = {
    "add_anything": tables.add_anything,
    "add_columns": columns.add_columns,
    "add_options": columns.add_options,
    "add_tables": tables.add_tables,
    "change_type": columns.change_type,
    "link": relations.link,
    "link_both_ways": relations.link_both_ways,
    "link_many": relations.link_many,
    "link_one": relations.link_one,
    "link_self": relations.link_self,
    "remove": tables.remove,
    "remove_all": tables.remove_all,
    "remove_from": columns.remove_from,
    "remove_options": columns.remove_options,
    "rename": tables.rename,
    "set_default": columns.set_default,
    "set_flag": columns.set_flag,
    "set_options": columns.set_options,
    "unlink": relations.unlink,
}
_RELATING: Final = frozenset({"add_relation", "drop_relation"})
_LINKING: Final = ("link", "unlink")
_LONGEST_COMMAND: Final = 600
"""Characters. Nobody writes longer ones, and matching them would take long."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What the commands of a prompt stand for.

    Args:
        steps: the operations; none when the prompt has no command.
        is_relating: whether they do nothing but link tables.
        ignored: sentences that are no command that is known.
    """

    steps: tuple[Step, ...]
    is_relating: bool
    ignored: tuple[str, ...] = ()


def revise(schema: Schema, reading: Reading) -> Revision:
    """Reads the commands of a prompt.

    Raises:
        Unclear: when a command does not say what it is about.
        OperationError: when one asks for what cannot be.
    """
    steps: list[Step] = []
    ignored: list[str] = []
    is_relating = True
    for command in _commands(reading):
        key, made = _steps(schema, _with_antecedent(command, steps), reading)
        if not made and not pattern("courtesy").match(command):
            ignored.append(reading.take_asides(command)[0])
        schema = apply_all(schema, operations_from_json(made))
        steps += made
        is_relating &= key.startswith(_LINKING) or all(step["op"] in _RELATING for step in made)
    return Revision(tuple(steps), is_relating, tuple(ignored))


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
                yield from _renames(pattern("polite").sub("", piece))


def _renames(command: str) -> Iterator[str]:
    """`rename a to b and c to d` as two commands."""
    found = pattern("and_rename").match(command)
    if found is None:
        yield command
        return
    yield f"rename {found['first']}"
    yield from _renames(f"rename {found['second']}")


def _steps(schema: Schema, command: str, reading: Reading) -> tuple[str, list[Step]]:
    """Which command it is, and its operations."""
    if len(command) > _LONGEST_COMMAND:
        return "", []
    for key, sentence in commands():
        if found := sentence.match(command):
            caught = {name: (text or "").strip() for name, text in found.groupdict().items()}
            return key, _HANDLERS[key](schema, {"table": "", "command": command, **caught}, reading)
    return "", []
