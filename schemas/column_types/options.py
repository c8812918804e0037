"""The options of select and multi-select columns: what people choose from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from core import sql
from schemas import limits
from schemas.column_types.base import ColumnType, Fault
from schemas.column_types.settings import Options
from schemas.document import Column, Json
from schemas.names import humanise
from schemas.problems import Code

COLORS: Final = ("gray", "green", "red", "amber", "blue", "purple")
"""The colours of badges; the first is the default."""

MAX_VALUE_LENGTH: Final = 100
_KEYS: Final = ("value", "label", "color")
_NEAR_COLORS: Final = {
    "grey": "gray", "black": "gray", "white": "gray", "slate": "gray", "brown": "amber", "yellow": "amber",
    "orange": "amber", "teal": "green", "lime": "green", "emerald": "green", "cyan": "blue", "sky": "blue",
    "indigo": "blue", "violet": "purple", "pink": "purple", "magenta": "purple", "rose": "red", "crimson": "red",
}  # fmt: skip


class OptionsType(ColumnType):
    """What types have in common whose values come from a list."""

    settings = {"options": Options()}
    example = {
        "options": [{"value": "open", "label": "Open", "color": "green"}, {"value": "closed", "label": "Closed"}]
    }

    def tidy(self, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        """Options as objects with a label and a colour, also where they are plain texts or called `choices`."""
        data = dict(entry)
        for other_name in ("choices", "values", "enum"):
            if other_name in data and "options" not in data:
                data["options"] = data.pop(other_name)
        if isinstance(data.get("options"), list | tuple):
            data["options"] = [_tidy_option(option) for option in data["options"]]
        return data

    def setting_faults(self, column: Column) -> Iterator[Fault]:
        """There are options, each of the right form, no two alike."""
        options = self.setting(column, "options")
        fix = 'Give the column options such as [{"value": "open", "label": "Open", "color": "green"}].'
        if not isinstance(options, Sequence) or isinstance(options, str) or not options:
            yield Fault(Code.INVALID_OPTION, "options", "The column needs a list of at least one option.", fix)
            return
        if len(options) > limits.max_options():
            detail = f"The column has {len(options)} options; {limits.max_options()} is the most."
            yield Fault(Code.TOO_MANY_OPTIONS, "options", detail, "Use a table and a relation to it instead.")
            return
        seen: set[str] = set()
        for number, option in enumerate(options):
            yield from _option_faults(option, f"options[{number}]", seen)

    def option_values(self, column: Column) -> list[str]:
        """What is stored for each option."""
        return [option["value"] for option in self.setting(column, "options")]

    def choices(self, column: Column) -> list[tuple[str, str]]:
        """Values and labels, as Django's fields take them."""
        return [(option["value"], option_label(option)) for option in self.setting(column, "options")]

    def text_length(self, column: Column) -> int:
        """All values with commas between them; each may stand in quotes, with every quote in it doubled."""
        return sum(2 * len(value) + 3 for value in self.option_values(column))

    def option_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """SQL of `value_of`, null where no option is meant."""
        labels = {label.casefold(): value for value, label in self.choices(column)}
        return sql.format(
            "case when {text} in ({values}) then {text} else {labels}::jsonb ->> lower({text}) end",
            text=text,
            values=sql.literals(self.option_values(column)),
            labels=sql.literal(json.dumps(labels, ensure_ascii=False)),
        )

    def has_options_of(self, before: Column, after: Column) -> bool:
        """Whether every option of a column is one of another too."""
        return set(self.option_values(before)) <= set(self.option_values(after))

    def value_of(self, column: Column, text: str) -> str:
        """The value of the option that is meant by its value, or by its label in any case; else the text itself."""
        values = {label.casefold(): value for value, label in self.choices(column)}
        values |= {value: value for value in self.option_values(column)}
        return values.get(text, values.get(text.casefold(), text))


def option_label(option: Mapping[str, Json]) -> str:
    """What people read for an option."""
    return str(option.get("label") or humanise(option["value"]))


def option_color(option: Mapping[str, Json]) -> str:
    """The colour of an option's badge."""
    return str(option.get("color") or COLORS[0])


def _tidy_option(option: Json) -> Json:
    if isinstance(option, str):
        option = {"value": option}
    if not isinstance(option, Mapping) or not isinstance(option.get("value"), str):
        return option
    color = option.get("color") or COLORS[0]
    near = _NEAR_COLORS.get(color.lower(), color.lower()) if isinstance(color, str) else color
    return {**option, "label": option.get("label") or humanise(option["value"]), "color": near}


def _option_faults(option: Json, path: str, seen: set[str]) -> Iterator[Fault]:
    """The faults of one option; adds its value to `seen`."""
    if not isinstance(option, Mapping):
        fix = 'Write an object such as {"value": "open", "label": "Open", "color": "green"}.'
        yield Fault(Code.INVALID_OPTION, path, "An option has to be an object with a value.", fix)
        return
    for key in option:
        if key not in _KEYS:
            fix = "Remove it, or use one of value, label and color."
            yield Fault(Code.UNKNOWN_KEY, f"{path}.{key}", "An option has no such setting.", fix)
    value, label, color = option.get("value"), option.get("label", ""), option.get("color", COLORS[0])
    if not isinstance(value, str) or not value.strip() or value != value.strip() or len(value) > MAX_VALUE_LENGTH:
        detail = f"An option's value has to be a text of 1 to {MAX_VALUE_LENGTH} characters with no space around it."
        yield Fault(Code.INVALID_OPTION, f"{path}.value", detail, "Write a short text in lower case.")
    elif value.casefold() in seen:
        detail = f'Two options have the value "{value}" (capital letters do not count).'
        yield Fault(Code.DUPLICATE_OPTION, f"{path}.value", detail, "Remove one of them or give it another value.")
    else:
        seen.add(value.casefold())
    if not isinstance(label, str) or len(label) > MAX_VALUE_LENGTH:
        detail = f"An option's label has to be a text of at most {MAX_VALUE_LENGTH} characters."
        yield Fault(Code.INVALID_OPTION, f"{path}.label", detail, "Shorten it.")
    if color not in COLORS:
        detail = "An option's color has to be one of " + ", ".join(COLORS) + "."
        yield Fault(Code.INVALID_OPTION, f"{path}.color", detail, f'Choose one of these, such as "{COLORS[0]}".')
