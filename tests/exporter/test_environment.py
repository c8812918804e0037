"""Whatever a user wrote stays text in every language, and templates cannot leave their sandbox or their folder."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from exporter.context import slugify
from exporter.environment import (
    UnsafePath,
    checked_path,
    environment,
    jsx_attribute,
    markdown,
    regex_literal,
    template_paths,
    ts_string,
)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "hi"', "'say \"hi\"'"),
        ("a\\b\nc", '"a\\\\b\\nc"'),
        ("\u202etxt", '"\\u202etxt"'),
        ("\u2028", '"\\u2028"'),
        ("\x00", '"\\u0000"'),
        ("${x} `y`", '"${x} `y`"'),
        ("👩\u200d🚀", '"👩\u200d🚀"'),
    ],
)
def test_ts_string_is_a_literal_of_the_same_text(value: str, literal: str) -> None:
    assert ts_string(value) == literal


@given(st.text())
def test_ts_string_reads_back_as_what_it_was(value: str) -> None:
    literal = ts_string(value)
    inside = literal[1:-1]
    if literal[0] == "'":
        inside = inside.replace("\\'", "'").replace('"', '\\"')
    assert "\n" not in literal
    assert json.loads(f'"{_without_code_point_escapes(inside)}"') == value


def _without_code_point_escapes(text: str) -> str:
    """JSON has no `\\u{1f600}`."""
    import re

    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: json.dumps(chr(int(found[1], 16)))[1:-1], text)


@pytest.mark.parametrize(
    ("value", "attribute"),
    [("Price", '"Price"'), ("a & b", '{"a & b"}'), ('"q"', "{'\"q\"'}"), ("{x}", '{"{x}"}'), ("</b>", '{"</b>"}')],
)
def test_a_jsx_attribute_is_an_expression_where_quotes_would_change_it(value: str, attribute: str) -> None:
    assert jsx_attribute(value) == attribute


def test_a_python_pattern_becomes_a_javascript_one() -> None:
    assert regex_literal(r"\Ahttps?://[^ ]+\Z") == r"/^https?:\/\/[^ ]+$/"


def test_markdown_stays_one_line_of_text() -> None:
    assert markdown("# a\n<b> [c](d)") == r"\# a \<b\> \[c\]\(d\)"


@pytest.mark.parametrize(
    ("name", "slug"), [("Real estate CRM", "real-estate-crm"), ("../../etc", "etc"), ("日本", "app"), ("", "app")]
)
def test_a_slug_is_safe_as_a_folder_and_package_name(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.parametrize(
    "template",
    [
        "[[ ''.__class__.__mro__ ]]",
        "[[ ().__class__.__base__.__subclasses__() ]]",
        "[[ cycler.__init__.__globals__ ]]",
        "[[ used.__globals__ ]]",
        "[[ '{0.__class__}'.format(1) ]]",
    ],
)
def test_a_template_cannot_reach_out_of_the_sandbox(template: str) -> None:
    compiled = environment("nextjs").from_string(template)
    with pytest.raises((SecurityError, UndefinedError)):
        compiled.render(used=checked_path)


def test_a_template_cannot_change_what_it_is_given() -> None:
    compiled = environment("nextjs").from_string("[[ values.append(1) ]]")
    with pytest.raises(SecurityError):
        compiled.render(values=[])


def test_a_name_that_is_not_defined_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment("nextjs").from_string("[[ missing ]]").render()


def test_templates_are_read_from_their_own_folder_only() -> None:
    from jinja2 import TemplateNotFound

    with pytest.raises(TemplateNotFound):
        environment("nextjs").get_template("../../environment.py")


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a\\..\\b", "C:/x", "a/\x00", "a/b\n"]
)
def test_a_path_that_leaves_the_folder_is_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        checked_path(path)


def test_the_template_tree_holds_no_editor_leftovers() -> None:
    paths = list(template_paths("nextjs"))
    assert PurePosixPath("package.json.jinja") in paths
    assert not [path for path in paths if path.name.endswith(("~", ".orig", ".swp"))]
