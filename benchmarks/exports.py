"""Exports of twenty tables to a ZIP, against packing the same files, and against the most that one may take."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from benchmarks.measure import Result, compare
from exporter.archive import write_zip
from exporter.targets import Export, targets
from schemas.column_types import column_types
from schemas.document import Json, Schema
from schemas.validation import validate

TABLES: Final = 20
COLUMNS: Final = 12
ROUNDS: Final = 10
LIMIT_MS: Final = 1_000.0


def results() -> Iterator[Result]:
    """Every target, from a document that was read afresh each time."""
    text = validated(document())
    for target in targets:
        made = target.export(Schema.from_json(text))
        measured = compare(
            f"export {TABLES} x {COLUMNS} as {target.key}, {len(made.paths)} files",
            lambda made=made: packed(made),
            lambda target=target: packed(target.export(Schema.from_json(text))),
            ROUNDS,
        )
        yield measured
        yield replace(measured, name="  against the most that it may take", floor_ms=LIMIT_MS)


def document() -> Json:
    """Tables with columns of every type in turn, each pointing to the next and linking to the one after."""
    kinds = [kind for kind in column_types if "to_table" not in kind.settings and not kind.numbered]
    return {
        "name": "Bench",
        "tables": [
            {
                "name": f"table_{i}",
                "columns": [
                    {"name": f"column_{j}", "type": kind.key, "label": f"Column {j} of the table", **kind.example}
                    for j, kind in ((j, kinds[(i + j) % len(kinds)]) for j in range(COLUMNS))
                ],
            }
            for i in range(TABLES)
        ],
        "relationships": [
            relation
            for i in range(TABLES)
            for relation in (
                {"from_table": f"table_{i}", "from_column": "next_id", "to_table": f"table_{(i + 1) % TABLES}"},
                {
                    "from_table": f"table_{i}",
                    "from_column": "others",
                    "to_table": f"table_{(i + 2) % TABLES}",
                    "type": "many_to_many",
                },
            )
        ],
    }


def validated(text: Json) -> Json:
    """The document as a version keeps it."""
    schema = validate(text).schema
    assert schema is not None
    return schema.to_json()


def packed(made: Export) -> int:
    """How long the ZIP is."""
    archive = io.BytesIO()
    write_zip(made, archive)
    return archive.tell()
