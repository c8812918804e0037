"""E-mail addresses."""

from __future__ import annotations

from django.db import models

from schemas.column_types.settings import WholeNumber
from schemas.column_types.text import TextType


class EmailType(TextType):
    """An e-mail address."""

    key = "email"
    label = "Email"
    aliases = ("e-mail", "email_address")
    settings = {"max_length": WholeNumber(254, low=1, high=254)}
    examples = ("ada@example.com",)
    cell = "crud/cells/email.html"
    pattern = r"\A[^@ \t\n\r]+@[^@ \t\n\r]+[.][^@ \t\n\r]+\Z"
    pattern_message = "Enter a valid email address."
    field_class = models.EmailField
