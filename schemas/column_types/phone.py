"""Telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import IContains

from core import sql
from schemas.column_types.base import column_types
from schemas.column_types.conversions import Conversion, checked, matching
from schemas.column_types.settings import OneOf, WholeNumber
from schemas.column_types.text import TextType, check_storable
from schemas.document import Column

COUNTRIES: Final = ("", *sorted(phonenumbers.SUPPORTED_REGIONS))

_SEARCHED: Final = 12
"""From how many of its digits on a number is found: the last of the longest are four."""

_E164: Final = re.compile(r"\A[+][1-9][0-9]{2,14}\Z")
"""The international form of ITU-T E.164: a plus and at most 15 digits."""


_INTERNATIONAL: Final = r"\A(?!.*[(]0[)]) *[+][0-9 ()/.-]+\Z"
"""An international number as people write it. One with (0) in it has a digit too many."""


class PhoneField(models.CharField):  # type: ignore[type-arg]
    """A number in the form of E.164, read as people of a country write it.

    Args:
        country: ISO 3166 code of the country whose numbers need no country code.
        **options: as of every field.
    """

    def __init__(self, *, country: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.country = country

    def deconstruct(self) -> Any:
        """With its own setting, so that Django can copy it."""
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "country": self.country}

    def to_python(self, value: Any) -> Any:
        """The number in E.164; raises `ValidationError`."""
        if value in (None, ""):
            return value
        number = self._read(str(value))
        if number is None or not _E164.match(number):
            raise ValidationError(f"Enter a phone number{self._example()}.", code="invalid_phone")
        return number

    def _read(self, text: str) -> str | None:
        check_storable(text)
        try:
            number = phonenumbers.parse(text, self.country)
        except phonenumbers.NumberParseException:
            return None
        if number.extension:
            raise ValidationError("Enter the phone number without its extension.", code="phone_extension")
        possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if possible else None

    def _example(self) -> str:
        example = phonenumbers.example_number(self.country)
        if example is None:
            return " with its country code"
        return f" such as {phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)}"

    def get_prep_value(self, value: Any) -> Any:
        """What is stored, and what is searched for: the number in E.164, or the part of one as it is."""
        try:
            return self.to_python(super().get_prep_value(value))
        except ValidationError:
            return value


@PhoneField.register_lookup
class DigitsContain(IContains):
    """A search for a part of a number, however it is written: `(030) 12` finds +493012."""

    def get_prep_lookup(self) -> Any:
        """The digits without the zero that numbers begin with inside of their country."""
        text = str(self.rhs)
        digits = re.sub(r"[^0-9]", "", text).lstrip("0")
        return digits if digits and re.fullmatch(r"[0-9 ()/.+-]+", text) else text


class PhoneType(TextType):
    """A telephone number as people write it; where the column says a country, in the international form of E.164."""

    key = "phone"
    label = "Phone"
    aliases = ("telephone", "phone_number", "tel", "mobile")
    settings = {
        "max_length": WholeNumber(40, low=1, high=40),
        "country": OneOf("", words=COUNTRIES, noun='the ISO 3166 code of a country, such as "US" or "DE"'),
    }
    examples = ("+1 (555) 010-9999", "020 7946 0018 x12")
    cell = "crud/cells/phone.html"
    pattern = r"\A[+(0-9][0-9 ()/.x#*-]{2,39}\Z"
    pattern_message = "Enter a phone number: digits, spaces and + ( ) - . / x # *."

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """The length and the pattern; with a country that of E.164."""
        length, pattern = super().checks(column)
        yield length
        if self.setting(column, "country"):
            pattern = sql.format("{name} ~ {form}", name=sql.identifier(column.name), form=sql.literal(_E164.pattern))
        yield pattern

    def search_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The number as it is written, and its digits from each of the first on: any part of it is found."""
        digits = sql.format("regexp_replace({value}, '[^0-9]', '', 'g')", value=value)
        parts = [sql.format("substr({digits}, {i})", digits=digits, i=sql.literal(i + 1)) for i in range(_SEARCHED)]
        return sql.join(" || ' ' || ", [value, *parts])

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """With a country only numbers that say theirs: what others are is not for SQL to find out."""
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        is_international = kind is self and self.setting(before, "country")
        if not self.setting(after, "country") or is_international or kind.sql_type(before) != "text":
            return super().conversion(before, after)
        digits = sql.format("'+' || regexp_replace({name}, '[^0-9]', '', 'g')", name=name)
        value = checked(matching(name, _INTERNATIONAL, digits), after.name, self.checks(after))
        return Conversion(value, "Numbers without a country code, or with an extension, become empty.")

    def pattern_of(self, column: Column) -> tuple[str, str]:
        """With a country that of E.164."""
        if not self.setting(column, "country"):
            return super().pattern_of(column)
        return _E164.pattern, "Enter a number with its country code, such as +15550109999."

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """A text field; with a country one that brings numbers into the form of E.164."""
        country = self.setting(column, "country")
        if not country:
            return super().model_field(column, **common)
        return PhoneField(country=country, max_length=self.setting(column, "max_length"), **common)


def international(number: str) -> str:
    """A number in E.164 as people read it, such as `+49 30 123456`; any other text as it is."""
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
