"""Web addresses."""

from __future__ import annotations

from django.db import models

from schemas.column_types.settings import WholeNumber
from schemas.column_types.text import TextType
from schemas.document import Column


class UrlType(TextType):
    """A web address. Only http and https: a link that runs something is not an address."""

    key = "url"
    label = "URL"
    aliases = ("link", "uri", "website")
    settings = {"max_length": WholeNumber(2000, low=1, high=2000)}
    examples = ("https://example.com/a?b=c#d",)
    cell = "crud/cells/url.html"
    pattern = r"\A[Hh][Tt][Tt][Pp][Ss]?://[^ \t\n\r]+\Z"
    pattern_message = "Enter an address that begins with http:// or https://."
    field_class = models.URLField

    def index_bytes(self, column: Column) -> int:
        """One byte a character: Django's validator lets only few others into an address."""
        return int(self.setting(column, "max_length")) + 4
