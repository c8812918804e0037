"""The SQL of plans, pinned: each folder of tests/golden has a document before, one after, and the plan between them.

`UPDATE_GOLDEN=1` writes the plans anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from provisioning.planner import plan
from provisioning.statements import Plan
from provisioning.target import Target
from schemas.column_types import column_types
from schemas.document import Schema
from schemas.validation import validate

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())


def load(case: str) -> tuple[Schema | None, Schema]:
    before, after = (json.loads((GOLDEN / case / f"{name}.json").read_text()) for name in ("before", "after"))
    parent = valid(before) if before else None
    return parent, valid(after, parent)


def valid(document: object, parent: Schema | None = None) -> Schema:
    validation = validate(document, parent)
    assert validation.schema, [problem.to_json() for problem in validation.errors]
    return validation.schema


def golden_plan(case: str, schema: str = "p_golden", postgres: int = 18) -> Plan:
    before, after = load(case)
    return plan(before, after, Target(schema, postgres), number=2 if before else 1)


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_one_on_record(case: str) -> None:
    made = golden_plan(case).sql
    expected = GOLDEN / case / "expected.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(made)
    assert made == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_a_plan_is_made_alike_every_time(case: str) -> None:
    assert golden_plan(case) == golden_plan(case)
    assert golden_plan(case).sha256 == golden_plan(case).sha256


def test_every_column_type_has_a_golden_column() -> None:
    used = {column.type for case in CASES for table in load(case)[1] for column in table.columns}
    assert used == set(column_types.names())
