"""Telephone numbers."""

from __future__ import annotations

from schemas.column_types.text import TextType


class PhoneType(TextType):
    """A telephone number as people write it."""

    key = "phone"
    label = "Phone"
    aliases = ("telephone", "phone_number", "tel", "mobile")
    settings = {"max_length": 40}
    examples = ("+1 (555) 010-9999", "020 7946 0018 x12")
    cell = "crud/cells/phone.html"
    longest = 40
    pattern = r"\A[+(0-9][0-9 ()/.x#*-]{2,39}\Z"
    pattern_message = "Enter a phone number: digits, spaces and + ( ) - . / x # *."
