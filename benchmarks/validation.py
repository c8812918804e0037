"""The validation of schema documents, against what Python takes to read the same JSON."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from django.test.utils import override_settings

from benchmarks.measure import Result, compare
from schemas import limits
from schemas.column_types import column_types
from schemas.document import Json
from schemas.validation import validate_text

TABLES: Final = (10, 30, 100)
"""The last is the most that a document may have."""
ROUNDS: Final = 5


def results() -> Iterator[Result]:
    """Documents with as many columns as there may be, and hostile ones."""
    for tables in TABLES:
        text = json.dumps(document(tables)).encode()
        # So many columns of so many types make a document longer than one may be.
        with override_settings(SCHEMA_MAX_BYTES=len(text)):
            assert validate_text(text).valid
            name = f"validate {tables} x {limits.SCHEMA_MAX_COLUMNS} columns"
            yield _measured(name, text)
    hostile = {
        "refuse 10 MB of text": b'{"name":"' + b"a" * 10_000_000 + b'"}',
        "refuse 10 MB of objects": b"[" + b"{}," * 3_333_332 + b"{}]",
    }
    for name, text in hostile.items():
        assert not validate_text(text).valid
        yield _measured(name, text)
    deep = b"[" * 10_000 + b"]" * 10_000
    # Python cannot read it at all; that its brackets are counted is the floor.
    yield compare("refuse 10,000 levels", lambda: deep.count(b"["), lambda: validate_text(deep), ROUNDS)


def document(tables: int) -> Json:
    """A valid document with the most columns a table, of every type in turn, and a relation from table to table."""
    kinds = [kind for kind in column_types if "to_table" not in kind.settings and not kind.numbered]
    columns = [
        {"name": f"column_{i}", "type": kind.key, "label": f"Column {i}", **kind.example}
        for i, kind in ((i, kinds[i % len(kinds)]) for i in range(limits.SCHEMA_MAX_COLUMNS - 1))
    ]
    return {
        "name": "The largest",
        "tables": [{"name": f"table_{i}", "columns": columns} for i in range(tables)],
        "relationships": [
            {"from_table": f"table_{i}", "from_column": "next_id", "to_table": f"table_{(i + 1) % tables}"}
            for i in range(tables)
        ],
    }


def _measured(name: str, text: bytes) -> Result:
    result = compare(name, lambda: json.loads(text), lambda: validate_text(text), ROUNDS)
    return replace(result, peak_mb=_peak_mb(lambda: validate_text(text)))


def _peak_mb(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1_000_000
