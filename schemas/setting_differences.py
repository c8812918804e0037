"""What it means that a setting of a column has another value, in words.

Whoever gives a column type a new setting says here what people read when it changes. Whether values that are stored can
get lost by that, the type says itself (`ColumnType.conversion`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.column import Column
from schemas.column_types import column_types
from schemas.column_types.options import option_color, option_label
from schemas.column_types.settings import defaults
from schemas.impact import Difference, Impact, listed, quoted, shown
from schemas.json_values import Json, same

Settings = Mapping[str, Json]

TARGET: Final = "to_table"
"""The setting that `schemas.column_differences` compares, because it takes two versions of all tables to do so."""


def setting_differences(before: Column, after: Column) -> Iterator[Difference]:
    """What differs between the settings of two versions of a column. A setting that is not written has its default.

    Their impact is what they do at least: cosmetic where nothing is meant but how values are written or shown.
    """
    old, new = _effective(before), _effective(after)
    for key in new if before.type != after.type else {**old, **new}:
        written = [column.config[key] for column in (before, after) if key in column.config]
        if key == TARGET or not written or (len(written) == 2 and same(*written)):
            continue
        if key in old and key in new and same(old[key], new[key]):
            said = "written out" if key in after.config else "left out"
            yield Difference(f"{key} {said}, unchanged", Impact.COSMETIC)
        elif key in _FACTS:
            yield from _FACTS[key](old, new)
        else:
            yield WORDS.get(key, _unknown(key)).difference(key, old, new)


def _effective(column: Column) -> dict[str, Json]:
    settings = column_types.get(column.type).settings if column.type in column_types else {}
    return {**defaults(settings), **column.config}


def _plain(value: Json) -> str:
    return listed(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class _Words:
    """How another value of a setting is said.

    Args:
        value: what a value means, such as `at most {} characters`.
        nothing: what it means that there is no value any more.
        impact: what it does at least.
        text: how a value is written.
    """

    value: str
    nothing: str = ""
    impact: Impact = Impact.STRUCTURAL
    text: Callable[[Json], str] = _plain

    def difference(self, key: str, old: Settings, new: Settings) -> Difference:
        """The words and the impact for one setting; `old` lacks it where the column had another type."""
        value, earlier = new.get(key), old.get(key)
        words = self.value.format(self.text(value)) if _says_something(value) else self.nothing
        if _says_something(value) and _says_something(earlier):
            words += f" instead of {self.text(earlier)}"
        return Difference(words, self.impact)


def _unknown(key: str) -> _Words:
    """The words for a setting of which nothing is known."""
    return _Words(f"{key} {{}}", f"no {key} any more", text=shown)


def _says_something(value: Json) -> bool:
    return value not in (None, "", ())


WORDS: Final[Mapping[str, _Words]] = {
    "max_length": _Words("at most {} characters"),
    "min": _Words("at least {}", "no smallest value any more"),
    "max": _Words("at most {}", "no largest value any more"),
    "precision": _Words("{} digits in all"),
    "scale": _Words("{} digits after the point"),
    # The same numbers, but they mean something else, so this is more than another way of writing them.
    "currency": _Words("amounts in {}"),
    "country": _Words("numbers of {}", "numbers of any country"),
    "max_files": _Words("at most {} files"),
    "max_size_mb": _Words("files of at most {} MB"),
    "accept": _Words("files of the kinds {}", "files of any kind"),
    # What is stored is the number, without prefix and zeros.
    "prefix": _Words("numbers begin with {}", "numbers without a prefix", impact=Impact.COSMETIC, text=quoted),
    "padding": _Words("numbers of at least {} digits", impact=Impact.COSMETIC),
    "start": _Words("numbers start at {}"),
    # Whether two records may link to the same one, the column's `unique` says.
    "relation": _Words("{}", text=lambda kind: str(kind).replace("_", " ")),
}


_MOST_RENAMED: Final = 3
"""So many options are named with their old labels and their new ones."""


def _options(old: Settings, new: Settings) -> Iterator[Difference]:
    """Options are recognised by their values, so another value is another option."""
    before, after = ({option["value"]: option for option in settings.get("options", ())} for settings in (old, new))
    added = [option_label(option) for value, option in after.items() if value not in before]
    removed = [option_label(option) for value, option in before.items() if value not in after]
    kept = [(before[value], option) for value, option in after.items() if value in before]
    if added:
        yield Difference(f"new {_option_names(added)}", Impact.STRUCTURAL)
    if removed:
        yield Difference(f"without the {_option_names(removed)}", Impact.STRUCTURAL)
    renamed = [(option_label(a), option_label(b)) for a, b in kept if option_label(a) != option_label(b)]
    recoloured = [option_label(b) for a, b in kept if option_color(a) != option_color(b)]
    reordered = [a["value"] for a, _ in kept] != [value for value in before if value in after]
    if len(renamed) > _MOST_RENAMED:
        yield Difference(f"other labels for the {_option_names([new for _, new in renamed])}", Impact.COSMETIC)
    else:
        words = (f"the option {quoted(old)} is called {quoted(new)}" for old, new in renamed)
        yield from (Difference(said, Impact.COSMETIC) for said in words)
    if recoloured:
        yield Difference(f"another colour for the {_option_names(recoloured)}", Impact.COSMETIC)
    if reordered:
        yield Difference("options in another order", Impact.COSMETIC)
    if not (added or removed or renamed or recoloured or reordered):
        yield Difference("options written in another way, with the same meaning", Impact.COSMETIC)


def _option_names(labels: list[str]) -> str:
    return f"option{'' if len(labels) == 1 else 's'} {listed(map(quoted, labels))}"


_AFTER_DELETE: Final[Mapping[str, str]] = {
    "set_null": "empties the link",
    "cascade": "deletes these records too",
    "restrict": "is refused while these records link to it",
}


def _on_delete(old: Settings, new: Settings) -> Iterator[Difference]:
    yield Difference(f"deleting a linked record {_AFTER_DELETE[new['on_delete']]}", Impact.STRUCTURAL)


_FACTS: Final[Mapping[str, Callable[[Settings, Settings], Iterator[Difference]]]] = {
    "options": _options,
    "on_delete": _on_delete,
}

SAID: Final = frozenset({TARGET, *WORDS, *_FACTS})
"""The settings of which this module knows what they mean."""
