"""Schema documents for the exporter's tests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from schemas.column_types import column_types
from schemas.document import Schema
from schemas.normalise import normalise
from schemas.validation import validate

_BLUEPRINTS = Path(__file__).resolve().parents[2] / "schemas" / "blueprints"

HOSTILE_TEXTS = (
    'It\'s a "test" `x` ${process.exit(1)} \\',
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} [[ 7 * 7 ]] <% raw %> <# x #>",
    "עברית \u202e desrever \u2066 العربية",
    "🦄 日本語のとても長いラベルで八十文字の幅を必ず超えるようにするための文字列です",
    "*/ // -- ; drop table users; --\n\t\u2028\u2029 end",
    '"} />{alert(1)}<a b="',
    "'; }); export const x = () => { throw 1 }; //",
)


def schema_of(document: dict[str, Any]) -> Schema:
    """The schema of a document that has to be valid."""
    validation = validate(document)
    assert validation.schema is not None, [problem.to_json() for problem in validation.errors]
    return validation.schema


def blueprint(name: str, *tables: str) -> Schema:
    """A bundled document, or those of its tables."""
    document = json.loads((_BLUEPRINTS / f"{name}.json").read_text("utf-8"))["document"]
    if tables:
        document["tables"] = [table for table in document["tables"] if table["name"] in tables]
        document["relationships"] = [
            relation
            for relation in document["relationships"]
            if relation["from_table"] in tables and relation["to_table"] in tables
        ]
    return schema_of(document)


def real_estate() -> Schema:
    """Three related tables."""
    return blueprint("real_estate", "properties", "agents", "showings")


def every_type() -> Schema:
    """A table with every column type, required and not, and a table that it points to."""
    columns: list[dict[str, Any]] = []
    for kind in column_types:
        if "to_table" in kind.settings:
            continue
        for required in (True, False):
            name = f"{kind.key}_{'required' if required else 'optional'}"
            columns.append({"name": name, "type": kind.key, "required": required, **kind.example})
    columns = [column for column in columns if column["name"] != "auto_number_optional"]
    defaults = [
        {"name": "day", "type": "date", "default": "today"},
        {"name": "moment", "type": "datetime", "required": True, "default": "now"},
        {"name": "key", "type": "uuid", "required": True, "default": "uuid"},
        {"name": "settings", "type": "json", "default": {"a": [1, "it's", None]}},
        {"name": "amount", "type": "decimal", "default": "1.50", "min": 0, "max": 10},
        {"name": "agreed", "type": "boolean", "default": True},
        {"name": "added_by", "type": "user", "default": "current_user"},
        {"name": "line", "type": "phone", "country": "DE"},
        {"name": "photos", "type": "attachment", "accept": ["image/*", ".pdf"], "max_files": 3, "max_size_mb": 2},
        {"name": "note", "type": "text", "default": "none", "help_text": 'A "short" note & more'},
    ]
    samples = {"name": "samples", "columns": [*columns, *defaults], "access": "project"}
    links = [
        {"from_table": "samples", "from_column": "parent_id", "to_table": "samples", "type": "many_to_one"},
        {"from_table": "samples", "from_column": "owner_id", "to_table": "owners", "type": "one_to_one"},
        {"from_table": "samples", "from_column": "other_owner_id", "to_table": "owners", "on_delete": "restrict"},
        {"from_table": "samples", "from_column": "owners", "to_table": "owners", "type": "many_to_many"},
        {"from_table": "samples", "from_column": "new", "to_table": "samples", "type": "many_to_many"},
    ]
    owners = {"name": "owners", "columns": [{"name": "born_on", "type": "date"}]}
    empty = {"name": "empty_ones", "columns": [{"name": "size", "type": "integer"}]}
    return schema_of({"name": "Every type", "tables": [samples, owners, empty], "relationships": links})


def hostile() -> Schema:
    """Names and labels that try to break out of every language that they are printed in."""
    words = (
        "class",
        "import",
        "delete",
        "function",
        "interface",
        "constructor",
        "string",
        "record",
        "columns",
        "filters",
        "pages",
    )
    long_name = "a_very_long_table_name_that_goes_on_and_on_until_sixty_bytes"
    tables = [_hostile_table(word, number) for number, word in enumerate((*words, "sign_in", "index", long_name))]
    relationships = [
        {"from_table": "class", "from_column": f"{word}_ref_id", "to_table": word, "label": HOSTILE_TEXTS[0]}
        for word in ("delete", "class", "columns", "index")
    ]
    relationships += [{"from_table": long_name, "from_column": f"{long_name[:54]}_id", "to_table": "class"}]
    document = {"name": HOSTILE_TEXTS[6] + " app", "tables": tables, "relationships": relationships}
    # Not validated: some of the texts would be refused, and what is printed must hold even so.
    return Schema.from_json(normalise(document))


def hostile_as_accepted() -> Schema:
    """The same without the characters that a document may not have."""
    text = json.dumps(hostile().to_json(), ensure_ascii=False)
    return schema_of(json.loads(re.sub("[\u202e\u2066\u2028\u2029]", "", text)))


def every_blueprint() -> dict[str, Callable[[], Schema]]:
    """The bundled documents by their names, each read when it is asked for."""
    return {path.stem: partial(blueprint, path.stem) for path in sorted(_BLUEPRINTS.glob("*.json"))}


def _hostile_table(name: str, number: int) -> dict[str, Any]:
    text = HOSTILE_TEXTS[number % len(HOSTILE_TEXTS)]
    other = HOSTILE_TEXTS[(number + 3) % len(HOSTILE_TEXTS)]
    options = [{"value": value, "label": value} for value in ("plain", "it's", '"q"', "</script>", "${x}", "{{y}}")]
    return {
        "name": name,
        "description": text,
        "ui_hints": {"label": text[:60], "label_plural": other[:60], "icon": "no_such_icon"},
        "columns": [
            {"name": "var", "type": "text", "label": text, "help_text": other, "default": other[:80], "required": True},
            {"name": "const", "type": "select", "label": other, "options": options, "default": "it's"},
            {"name": "new", "type": "long_text", "label": text, "default": other[:80]},
            {"name": "a1", "type": "select", "options": options},
            *({"name": word, "type": "text"} for word in ("default", "null", "true", "constructor", "root")),
            {"name": "a_1", "type": "select", "options": options},
        ],
    }
