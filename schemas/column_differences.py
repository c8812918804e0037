"""What differs between two versions of a column: each fact in words, with what it does to what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemas.column import Column
from schemas.column_types import column_types, lossless
from schemas.impact import Difference, Impact, quoted, shown
from schemas.json_values import same
from schemas.setting_differences import TARGET, setting_differences


def column_differences(before: Column, after: Column, *, retargeted: bool = False) -> Iterator[Difference]:
    """What differs apart from the name, what matters most first; nothing for equal columns.

    Args:
        before: the column as it was.
        after: the same column as it will be.
        retargeted: whether it points to another table now. The columns alone do not tell: its table may have another
            name, and another table its name.
    """
    if before.type != after.type:
        yield Difference(f"type {kind_of(after)} instead of {kind_of(before)}", _worst(before, after))
    elif retargeted:
        new = "the new " if same(before.config[TARGET], after.config[TARGET]) else ""
        yield Difference(f"points to {new}{after.config[TARGET]}", Impact.DESTRUCTIVE)
    yield from _rules(before, after)
    for difference in setting_differences(before, after):
        yield replace(difference, impact=_worst(before, after)) if difference.impact else difference
    for noun, old_text, new_text in (
        ("label", before.label, after.label),
        ("help text", before.help_text, after.help_text),
    ):
        if old_text != new_text:
            words = f"{noun} {quoted(new_text)}" if new_text else f"no {noun} of its own any more"
            yield Difference(words, Impact.COSMETIC)


def kind_of(column: Column) -> str:
    """What a column holds, in a sentence: `whole number`, `link to agents`."""
    if column.is_relation:
        return f"{'link' if column.is_reference else 'links'} to {column.config[TARGET]}"
    label = column_types.get(column.type).label if column.type in column_types else column.type
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _worst(before: Column, after: Column) -> Impact:
    """What another type or other settings do to values. Where a link leads is said apart from that."""
    if before.is_relation and after.is_relation:
        before = replace(before, config={**before.config, TARGET: after.config[TARGET]})
    known = before.type in column_types and after.type in column_types
    return Impact.STRUCTURAL if known and lossless(before, after) else Impact.DESTRUCTIVE


def _rules(before: Column, after: Column) -> Iterator[Difference]:
    """What columns of every type have: required, unique, default."""
    if after.required and not before.required:
        if after.default is None:
            yield Difference("now required", Impact.DESTRUCTIVE)
        else:
            yield Difference("now required, and filled with the default where it is empty", Impact.STRUCTURAL)
    elif before.required and not after.required:
        yield Difference("now optional", Impact.STRUCTURAL)
    if after.unique != before.unique:
        words, impact = ("now", Impact.DESTRUCTIVE) if after.unique else ("no longer", Impact.STRUCTURAL)
        yield Difference(f"{words} unique", impact)
    if after.default is None and before.default is not None:
        yield Difference("no default any more", Impact.STRUCTURAL)
    elif not same(before.default, after.default):
        earlier = "" if before.default is None else f" instead of {shown(before.default)}"
        yield Difference(f"default {shown(after.default)}{earlier}", Impact.STRUCTURAL)
