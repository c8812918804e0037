"""The house drawn in CONTRIBUTING.md is the house in the code."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
APPS = ("vibecrm", "provisioning", "dynamic_crud", "exporter", "schemas", "core")
PLUMBING = {"__init__.py", "apps.py"}
BLOCK = re.compile(r"(?<=<!-- map -->\n).*?(?=<!-- /map -->)", re.DOTALL)


def first_line(file: Path) -> str:
    """What a module says of itself."""
    docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
    line = docstring.split("\n\n")[0].replace("\n", " ")
    assert line, f"{file.relative_to(ROOT)} has no docstring: say in one line what it is for."
    return line


def drawn() -> str:
    """The map, from the code."""
    lines = []
    for app in APPS:
        lines.append(f"\n### {app}/\n")
        entries = [file for file in (ROOT / app).iterdir() if file.suffix == ".py" and file.name not in PLUMBING]
        packages = [file.parent for file in (ROOT / app).glob("*/__init__.py") if file.read_text().strip()]
        for entry in sorted([*entries, *packages]):
            if entry.is_dir():
                lines.append(f"- `{entry.name}/`: {first_line(entry / '__init__.py')}")
            else:
                lines.append(f"- `{entry.name}`: {first_line(entry)}")
    return "\n".join([*lines, ""])


def test_the_map_is_the_house() -> None:
    text = CONTRIBUTING.read_text()
    if os.environ.get("UPDATE_MAP"):
        CONTRIBUTING.write_text(BLOCK.sub(lambda _: drawn(), text))
        text = CONTRIBUTING.read_text()
    match = BLOCK.search(text)
    assert match, "CONTRIBUTING.md has lost its <!-- map --> block."
    assert match.group() == drawn(), "Run `UPDATE_MAP=1 make test ARGS=tests/contracts/test_map.py`."


def test_every_layer_is_on_the_map() -> None:
    apps = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert apps == set(APPS), "A new app needs a place in the layers of pyproject.toml and in this test's list."
