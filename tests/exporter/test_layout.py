"""Long lines are broken as Prettier breaks them; the test that asks Prettier itself is in test_nextjs_build.py."""

from __future__ import annotations

import pytest

from exporter.layout import WIDTH, lay_out, width_of

LONG = "x" * 30


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        (
            f'import {{ {LONG}, {LONG}, type Other }} from "./data";',
            f'import {{\n  {LONG},\n  {LONG},\n  type Other,\n}} from "./data";',
        ),
        (f'const TEXT = "{LONG * 3}";', f'const TEXT =\n  "{LONG * 3}";'),
        (
            f'  {{ value: "{LONG}", label: "{LONG}", color: "red" }},',
            f'  {{\n    value: "{LONG}",\n    label: "{LONG}",\n    color: "red",\n  }},',
        ),
        (
            f'  <TextField control={{form.control}} name="{LONG}" label="{LONG}" />',
            f'  <TextField\n    control={{form.control}}\n    name="{LONG}"\n    label="{LONG}"\n  />',
        ),
        (
            f"    cell: (row) => <Badge options={{{LONG}}} value={{row.status}} />,",
            f"    cell: (row) => (\n      <Badge options={{{LONG}}} value={{row.status}} />\n    ),",
        ),
        (
            f'    cell: (row) => formatCurrency(row.amount_{LONG}, "USD"),',
            f'    cell: (row) =>\n      formatCurrency(row.amount_{LONG}, "USD"),',
        ),
        (
            f'      {LONG}: record?.{LONG} ?? "none",',
            f'      {LONG}:\n        record?.{LONG} ?? "none",',
        ),
        (
            f'      title: record ? (record.title ?? "") : "{LONG}{LONG}) : {LONG}",',
            f'      title: record\n        ? (record.title ?? "")\n        : "{LONG}{LONG}) : {LONG}",',
        ),
        (
            f'    const {{ error }} = await supabase.from("{LONG}_{LONG}").insert(rows);',
            f'    const {{ error }} = await supabase\n      .from("{LONG}_{LONG}")\n      .insert(rows);',
        ),
        (f'type {LONG} = Tables<"{LONG}{LONG}">;', f'type {LONG} =\n  Tables<"{LONG}{LONG}">;'),
        (f"  {LONG}{LONG}?: number | string | null;", f"  {LONG}{LONG}?:\n    number | string | null;"),
    ],
)
def test_a_line_that_is_too_long_is_broken(line: str, broken: str) -> None:
    assert lay_out(line) == broken


def test_what_fits_and_what_cannot_be_broken_stays() -> None:
    code = f'const a = 1;\n<Detail label="{LONG * 3}">\n'
    assert lay_out(code) == code


def test_brackets_and_commas_in_strings_are_no_code() -> None:
    text = '"a, (b) {c} => <d>"'
    laid_out = lay_out(f"  {{ value: {text}, label: {text}, color: {text}, more: {text} }},")
    assert laid_out.count(text) == 4
    assert all(len(line) <= WIDTH for line in laid_out.split("\n"))


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert (width_of("abc"), width_of("日本"), width_of("e\u0301"), width_of("🦄")) == (3, 4, 1, 2)
