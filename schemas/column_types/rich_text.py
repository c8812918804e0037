"""Formatted text."""

from __future__ import annotations

import html
import re
from typing import Any, Final

import nh3
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import IContains

from core import sql
from schemas.column_types.base import column_types
from schemas.column_types.conversions import DOES_NOT_FIT, Conversion, checked
from schemas.column_types.long_text import LongTextType
from schemas.column_types.text import check_storable
from schemas.document import Column

TAGS: Final = frozenset(
    {"a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li", "ol", "p"}
    | {"pre", "s", "span", "strong", "sub", "sup", "u", "ul"}
)
"""What formatted text may consist of: headings, lists, emphasis and links, and nothing that loads or runs."""

_ATTRIBUTES: Final = {"a": {"href", "title"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_WITH_CONTENT: Final = frozenset({"script", "style", "title", "textarea", "noscript", "iframe", "template"})
"""Tags whose content is no text for readers, and goes with them."""


_INLINE: Final = "a|b|code|del|em|i|s|span|strong|sub|sup|u"
_INLINE_TAG: Final = rf"</?({_INLINE})( [^>]*)?>"
_OTHER_TAG: Final = r"<[^>]*>"
"""Tags inside of a word, and tags between words, in the syntax that Python and PostgreSQL have in common."""

_WRITTEN: Final = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;", "\r\n": "<br>", "\r": "<br>", "\n": "<br>",
}  # fmt: skip
"""How the characters of plain text are written in HTML."""

_MOST_TAGS: Final = 10_000
"""Elements in one another cost the square of their number: as many take a quarter of a second."""
_LONGEST_TAG: Final = 4_000
_TAG: Final = re.compile(r"<([A-Za-z][^\t\n\f\r />]*)[^>]*>")
_FIRST_LINES: Final = re.compile(r"<pre>\n+")
_MOST_ROUNDS: Final = 5
"""Mending what is closed in the wrong order takes two rounds at most, as far as anybody has seen."""


def sanitised(markup: str) -> str:
    """HTML of which nothing remains that loads, runs or leads elsewhere than a link says. Idempotent.

    What has more tags than any text needs is taken for a plain text, which shows them.

    Args:
        markup: any text without halves of characters.
    """
    if markup.count("<") - markup.count("</") > _MOST_TAGS:
        return html.escape(markup, quote=False).replace("\u00a0", "&nbsp;")
    for _ in range(_MOST_ROUNDS):
        before, markup = markup, _cleaned(markup)
        if markup == before:
            break
    return markup


def _cleaned(markup: str) -> str:
    end = markup.rfind(">") + 1
    found = nh3.clean(
        _TAG.sub(_without_attributes, markup[:end]) + markup[end:],
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        url_schemes=set(_SCHEMES),
        clean_content_tags=set(_WITH_CONTENT),
        link_rel="noopener noreferrer nofollow",
    )
    return _FIRST_LINES.sub("<pre>", found)  # a browser leaves one of them out each time it reads them


def _without_attributes(tag: re.Match[str]) -> str:
    """A tag as it is, or without attributes that it loses anyway: thousands of them would be costly to read."""
    return tag[0] if tag[1].lower() in _ATTRIBUTES and len(tag[0]) <= _LONGEST_TAG else f"<{tag[1]}>"


def plain_text(markup: str) -> str:
    """The words of formatted text, on one line and without any markup."""
    clean = nh3.clean(markup, tags=set(TAGS), attributes={}, clean_content_tags=set(_WITH_CONTENT), link_rel=None)
    words = re.sub(_OTHER_TAG, " ", re.sub(_INLINE_TAG, "", clean))
    return " ".join(html.unescape(words).split())


class RichTextField(models.TextField):  # type: ignore[type-arg]
    """HTML that is sanitised on its way in, whoever sends it."""

    def to_python(self, value: Any) -> Any:
        """The sanitised text; None where nothing is left of it."""
        text = super().to_python(value)
        if not text:
            return text
        check_storable(text)  # before it is sanitised, which removes null characters
        return sanitised(text) or None

    def get_prep_value(self, value: Any) -> Any:
        """What is stored, and what is searched for. PostgreSQL itself refuses what it cannot hold."""
        try:
            return self.to_python(super().get_prep_value(value))
        except ValidationError:
            return value


class RichTextType(LongTextType):
    """Formatted text, stored as HTML of few tags. Pages sanitise it once more before they show it."""

    key = "rich_text"
    label = "Formatted text"
    aliases = ("richtext", "html", "wysiwyg", "formatted_text")
    examples = ("<p>Two <strong>bold</strong> words &amp; a list:</p><ul><li>One</li></ul>",)
    sortable = False
    cell = "crud/cells/rich_text.html"
    field_class = RichTextField

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Other texts look as before: what would be markup in them is shown, and lines stay lines."""
        if column_types.get(before.type) is self:
            return super().conversion(before, after)
        kind = column_types.get(before.type)
        text, length = kind.text_sql(before, sql.identifier(before.name)), kind.text_length(before)
        for character, written in _WRITTEN.items():
            parts = {"character": sql.literal(character), "written": sql.literal(written)}
            text = sql.format("replace({text}, {character}, {written})", text=text, **parts)
        if length is not None and length * max(map(len, _WRITTEN.values())) <= self.text_length(after):
            return Conversion(text)
        return Conversion(checked(text, after.name, self.checks(after)), DOES_NOT_FIT)

    def search_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The text without tags, and without the characters that are written as entities."""
        return sql.format(
            "regexp_replace(regexp_replace({value}, {inline}, '', 'gi'), {other}, ' ', 'gi')",
            value=value,
            inline=sql.literal(_INLINE_TAG),
            other=sql.literal(f"{_OTHER_TAG}|&[a-z]+;"),
        )


@RichTextField.register_lookup
class WordsContain(IContains):
    """A search in the words, not in the markup around them."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        """The text without its tags, as SQL."""
        inner, parameters = super().process_lhs(compiler, connection, lhs)
        words = f"regexp_replace(regexp_replace({inner}, %s, '', 'gi'), %s, ' ', 'g')"
        for character, entity in (("<", "&LT;"), (">", "&GT;"), (" ", "&NBSP;"), ("&", "&AMP;")):
            words = f"replace({words}, '{entity}', '{character}')"
        return words, [*parameters, _INLINE_TAG, _OTHER_TAG]
