"""What holds for any schema document, tried on 2,000 random ones, and on as many that are broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from schemas.diff import apply, diff
from schemas.document import Json, Schema
from schemas.impact import Impact
from schemas.validation import validate, validate_text
from schemas.versions import next_version
from tests.schemas.strategies import broken_documents, schemas

DOCUMENTS = 2000

quietly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def check_one(schema: Schema) -> None:
    """What is written is read back, is valid, and does not differ from itself."""
    text = json.dumps(schema.to_json())
    again = Schema.from_json(json.loads(text))
    assert again == schema
    assert again.canonical_bytes() == schema.canonical_bytes()
    assert diff(schema, again) == ()
    assert apply(None, diff(None, schema)) == schema
    assert validate_text(text, parent=schema).schema == schema


def check_two(before: Schema, after: Schema) -> None:
    """The changes between two versions lead from one to the other, say what they are, and count the version."""
    changes = diff(before, after)
    result = apply(before, changes)
    assert result == after
    assert result.content_hash == after.content_hash
    assert (changes == ()) == (before.content_hash == after.content_hash)
    assert (next_version(before, changes) == before.version) == (changes == ())
    for change in changes:
        assert change.impact in Impact
        assert change.describe().endswith(".")
        assert "\n" not in change.describe()
        assert ": ." not in change.describe()


def test_what_holds_for_any_document_and_any_two(tmp_path: Path) -> None:
    seen: dict[str, bytes] = {}

    @settings(quietly, max_examples=DOCUMENTS // 2)
    @given(schemas(), schemas())
    def check(before: Schema, after: Schema) -> None:
        check_one(before)
        check_one(after)
        check_two(before, after)
        seen.update((schema.content_hash, schema.canonical_bytes()) for schema in (before, after))

    check()

    assert len(seen) > DOCUMENTS // 2
    check_other_processes(seen, tmp_path / "documents")


READ_ANEW = """
import sys
import django; django.setup()
import json
from schemas.document import Schema
from schemas.validation import validate_text
for line in open(sys.argv[1], "rb"):
    schema = Schema.from_json(json.loads(line))
    assert schema.canonical_bytes() == line.rstrip(b"\\n"), line
    assert validate_text(line).schema == schema, line
    print(schema.content_hash)
"""


def check_other_processes(documents: dict[str, bytes], file: Path) -> None:
    """Processes that hash texts otherwise write the same bytes, and name them by the same hash."""
    file.write_bytes(b"\n".join(documents.values()))
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", READ_ANEW, file],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == list(documents)


@settings(quietly, max_examples=DOCUMENTS)
@given(broken_documents())
def test_no_broken_document_makes_the_validation_raise(document: Json) -> None:
    result = validate(document)

    json.dumps(result.to_json())
    assert result.valid == (not result.errors)
    assert (result.schema is None) == bool(result.errors)
    if result.schema is not None:
        check_one(result.schema)
