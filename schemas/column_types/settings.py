"""The settings of column types: each with its default, its bounds and its JSON Schema, stated once.

A type judges its columns, the published JSON Schema describes them and the documentation lists them by these values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas import limits
from schemas.document import Json
from schemas.names import MAX_NAME_BYTES, NAME

MAX_PRECISION: Final = 38
"""Digits of a number in all. PostgreSQL takes more, but 38 is what other databases and clients take too."""

_NUMBER: Final = re.compile(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$")
_LONGEST_NUMBER: Final = 50


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a type. Subclasses say which values it takes.

    Args:
        default: the value where a column says none.
        in_brackets: whether it may stand in brackets after an alias of the type, as in `NUMERIC(12, 2)`.
    """

    default: Json = None
    in_brackets: bool = False

    @property
    def expects(self) -> str:
        """What a value has to be, as the end of a sentence."""
        raise NotImplementedError

    @property
    def json_schema(self) -> dict[str, Json]:
        """The JSON Schema of its values."""
        raise NotImplementedError

    def accepts(self, value: Json) -> bool:
        """Whether the value has the right form. Never raises."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class WholeNumber(Setting):
    """A whole number.

    Args:
        low: the smallest value.
        high: the largest value.
    """

    low: int = 0
    high: int = 0

    @property
    def expects(self) -> str:
        """The bounds."""
        return f"a whole number from {self.low:,} to {self.high:,}"

    @property
    def json_schema(self) -> dict[str, Json]:
        """An integer within the bounds."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    def accepts(self, value: Json) -> bool:
        """An int, and no bool."""
        return type(value) is int and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Bound(Setting):
    """The smallest or largest value of a number; None for no bound."""

    @property
    def expects(self) -> str:
        """A number, or nothing."""
        return f"a number of at most {MAX_PRECISION} digits or null"

    @property
    def json_schema(self) -> dict[str, Json]:
        """A number, also written as text, where a float would round it."""
        return {"type": ["number", "string", "null"], "pattern": _NUMBER.pattern, "maxLength": _LONGEST_NUMBER}

    def accepts(self, value: Json) -> bool:
        """Anything that is exactly one number."""
        return value is None or self.number(value) is not None

    @staticmethod
    def number(value: Json) -> Decimal | None:
        """The bound as a number; None for none, or for what is no number."""
        text = str(value) if type(value) in (int, float, str) else ""
        if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
            return None
        number = Decimal(text)
        return number if abs(number.adjusted()) <= MAX_PRECISION else None


@dataclass(frozen=True, slots=True)
class OneOf(Setting):
    """One of a list of words.

    Args:
        words: the words.
        noun: what they are, where there are too many to name them all.
    """

    words: Sequence[str] = ()
    noun: str = ""

    @property
    def expects(self) -> str:
        """The words, or what they are."""
        return self.noun or f"one of {', '.join(self.words)}"

    @property
    def json_schema(self) -> dict[str, Json]:
        """The words."""
        return {"enum": list(self.words)}

    def accepts(self, value: Json) -> bool:
        """One of the words, in this very spelling."""
        return isinstance(value, str) and value in self.words


@dataclass(frozen=True, slots=True)
class ShortText(Setting):
    """A text of one line.

    Args:
        longest: characters.
        pattern: what it matches, in the syntax that Python and JSON Schema have in common.
        noun: what it is.
    """

    longest: int = 0
    pattern: str = ""
    noun: str = ""

    @property
    def expects(self) -> str:
        """What it is."""
        return self.noun

    @property
    def json_schema(self) -> dict[str, Json]:
        """A text of that length and pattern."""
        return {"type": "string", "maxLength": self.longest, "pattern": self.pattern}

    def accepts(self, value: Json) -> bool:
        """A text of that length and pattern."""
        return isinstance(value, str) and len(value) <= self.longest and re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class TextList(ShortText):
    """A list of short texts.

    Args:
        most: entries.
    """

    most: int = 0

    @property
    def json_schema(self) -> dict[str, Json]:
        """A list without repetitions."""
        items = {"type": "string", "maxLength": self.longest, "pattern": self.pattern}
        return {"type": "array", "items": items, "maxItems": self.most, "uniqueItems": True}

    def accepts(self, value: Json) -> bool:
        """A list of few such texts, no two alike."""
        if not isinstance(value, list | tuple) or len(value) > self.most:
            return False
        return all(ShortText.accepts(self, item) for item in value) and len(set(value)) == len(value)


@dataclass(frozen=True, slots=True)
class TableName(Setting):
    """The name of a table of the document. Whether there is one, the validation sees."""

    default: Json = ""

    @property
    def expects(self) -> str:
        """A name."""
        return "the name of a table"

    @property
    def json_schema(self) -> dict[str, Json]:
        """A text of the form that names have."""
        return {"type": "string", "pattern": NAME.pattern.replace(r"\Z", "$"), "maxLength": MAX_NAME_BYTES}

    def accepts(self, value: Json) -> bool:
        """Any text: the validation names what is wrong with it."""
        return isinstance(value, str)


@dataclass(frozen=True, slots=True)
class Options(Setting):
    """The values that can be chosen. What is wrong with single ones, `schemas.column_types.options` says."""

    default: Json = ()

    @property
    def expects(self) -> str:
        """At least one."""
        return "a list of at least one option"

    @property
    def json_schema(self) -> dict[str, Json]:
        """A list of options, which the schema defines once for all types."""
        return {
            "type": "array",
            "items": {"$ref": "#/$defs/option"},
            "minItems": 1,
            "maxItems": limits.SCHEMA_MAX_OPTIONS,
        }

    def accepts(self, value: Json) -> bool:
        """A list that is not empty."""
        return isinstance(value, list | tuple) and len(value) > 0


def defaults(settings: Mapping[str, Setting]) -> dict[str, Json]:
    """The default of every setting by its name."""
    return {name: setting.default for name, setting in settings.items()}
