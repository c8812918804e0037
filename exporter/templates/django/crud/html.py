"""Formatted text of which nothing runs and nothing loads."""

from html import unescape

import nh3

TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "hr", "i"),
    *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "u", "ul"),
}


def sanitised(markup: str) -> str:
    """HTML of harmless tags alone."""
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def plain_text(markup: str) -> str:
    """The words of formatted text."""
    return " ".join(unescape(nh3.clean(markup.replace("<", " <"), tags=set())).split())
