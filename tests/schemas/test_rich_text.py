"""What the sanitiser leaves of markup."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.column_types.rich_text import sanitised

MARKUP = [
    "<b>", "</b>", "<p>", "</p>", "<pre>", "</pre>", "<li>", "<ul>", "</ul>", "<h1>", "</h1>", "<div>", "</div>",
    "<br>", "<i x='>'>", "</i>", "<a href='https://a.de'>", "<a href=javascript:x>", "</a>", "<script>", "</script>",
    "<!--", "-->", "<table><td>", "<svg>", "<math>", "<style>", "<template>", "&lt;", "&", "<", ">", '"', "x", "\n",
    "\u00a0",
]  # fmt: skip  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(MARKUP), max_size=40).map("".join))
def test_sanitising_twice_changes_nothing_more(markup: str) -> None:
    clean = sanitised(markup)

    assert sanitised(clean) == clean
    assert not re.search(r"<(?!/?(?:b|p|pre|i|li|ul|h1|div|br)>|/a>|a(?: href=\"https://a.de\")? rel=)", clean)


def test_markup_that_would_take_forever_is_sanitised_or_shown_as_text() -> None:
    deep, wide = "<div>" * 100_000, "<p>" + "".join(f"<b a={i}>" for i in range(5_000)) + "<p>x" * 5_000

    assert sanitised(deep).startswith("&lt;div&gt;&lt;div&gt;")
    assert len(sanitised(wide)) < 1_000_000
