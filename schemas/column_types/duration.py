"""Lengths of time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.duration import duration_string

from core import sql
from schemas.column_types.base import ColumnType
from schemas.column_types.conversions import matching, trimmed
from schemas.document import Column

LONGEST: Final = dt.timedelta(days=366_000)
"""A thousand years: more than any work takes, and far from where PostgreSQL and Python differ."""

_TOO_LONG: Final = "Enter a duration of at most 366,000 days."
_LONGEST_TEXT: Final = 100
_WRITTEN: Final = r"\A(-?[0-9]{1,6} )?([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?\Z"
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPOKEN: Final = re.compile(
    r"(?P<sign>-?) ?(?:(?P<d>\d{1,6}) ?d(?:ays?)?)? ?(?:(?P<h>\d{1,7}) ?h(?:ours?|rs?)?)? ?"
    r"(?:(?P<m>\d{1,9}) ?m(?:in(?:ute)?s?)?)? ?(?:(?P<s>\d{1,11}) ?s(?:ec(?:ond)?s?)?)?\Z",
    re.IGNORECASE,
)


def spoken(text: str) -> dt.timedelta | None:
    """`1h 30m`, `90 min` or `2 days` as a duration; None where it is nothing like that."""
    found = _SPOKEN.match(" ".join(text.replace(",", " ").split())) if len(text) <= _LONGEST_TEXT else None
    parts = {unit: int(found[letter]) for letter, unit in _UNITS.items() if found[letter]} if found else {}
    if not found or not parts:
        return None
    length = dt.timedelta(**parts)
    return -length if found["sign"] else length


class LengthFormField(forms.DurationField):
    """A form field that reads durations as people write them."""

    def to_python(self, value: Any) -> Any:
        """The duration; raises `ValidationError`."""
        length = spoken(value) if isinstance(value, str) else None
        return super().to_python(value) if length is None else length


class LengthField(models.DurationField):  # type: ignore[type-arg]
    """A duration that is also read as people write it."""

    def to_python(self, value: Any) -> Any:
        """The duration; raises `ValidationError`."""
        length = spoken(value) if isinstance(value, str) else None
        try:
            return super().to_python(value) if length is None else length
        except OverflowError:  # more than Python can count
            raise ValidationError(_TOO_LONG, code="out_of_range") from None
        except TypeError:  # neither a text nor a duration
            raise ValidationError("Enter a duration such as 1:30:00.", code="invalid") from None

    def formfield(self, *arguments: Any, **options: Any) -> Any:
        """A field that reads what this one does."""
        return super().formfield(*arguments, **{"form_class": LengthFormField, **options})


def check_length(value: dt.timedelta) -> None:
    """Refuses more than a thousand years, in either direction."""
    if not -LONGEST <= value <= LONGEST:
        raise ValidationError(_TOO_LONG, code="out_of_range")


class DurationType(ColumnType):
    """A length of time, such as the hours that a job took."""

    key = "duration"
    label = "Duration"
    aliases = ("interval", "timespan", "time_span", "elapsed")
    examples = ("01:30:00", "2 03:04:05.000006", "-1 23:59:59")
    lookups = ("exact", "gt", "gte", "lt", "lte", "isnull")
    aggregates = ("sum", "avg", "min", "max")
    cell = "crud/cells/duration.html"

    def sql_type(self, column: Column) -> str:
        """Always `interval`."""
        return "interval"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """At most a thousand years, in either direction."""
        yield sql.format(
            "{name} between {least} and {most}",
            name=sql.identifier(column.name),
            least=sql.literal(-LONGEST),
            most=sql.literal(LONGEST),
        )

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """Django's field for durations, which also reads `1h 30m`."""
        return LengthField(validators=[check_length], **common)

    def text(self, column: Column, value: dt.timedelta) -> str:
        """Days, hours, minutes and seconds, such as `2 03:04:05`."""
        return duration_string(value)

    def text_length(self, column: Column) -> int:
        """That of `-366000 23:59:59.999999`, and some more."""
        return 24

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """As `text`, whatever the session's IntervalStyle: whole days, which may be negative, and a time."""
        days = sql.format("floor(extract(epoch from {value}) / 86400)", value=value)
        seconds = sql.format("extract(epoch from {value}) - {days} * 86400", value=value, days=days)
        return sql.format(
            "case {days} when 0 then '' else {days} || ' ' end "
            "|| replace(to_char(make_interval(secs => ({seconds})::float8), 'HH24:MI:SS.US'), '.000000', '')",
            days=days,
            seconds=seconds,
        )

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """Days and a time, such as `2 03:04:05`."""
        parts = {
            "days": sql.format("coalesce(substring({text} from '^(-?[0-9]+) '), '0')::int", text=trimmed(text)),
            "time": sql.format("substring({text} from '[0-9:.]+$')::interval", text=trimmed(text)),
        }
        return matching(trimmed(text), _WRITTEN, sql.format("make_interval(days => {days}) + {time}", **parts))
