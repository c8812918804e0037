from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

VALID = '{"name": "Sales", "tables": [{"name": "leads", "columns": [{"name": "title", "type": "text"}]}]}'


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "document.json"


def run(*arguments: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    output = io.StringIO()
    try:
        call_command("validate", *arguments, stdout=output)
    except CommandError as error:
        return output.getvalue() + str(error), error.returncode
    return output.getvalue(), 0


def test_a_valid_document_exits_zero_and_says_what_is_in_it(document: Path) -> None:
    document.write_text(VALID)

    output, code = run(str(document))

    assert code == 0
    assert output.endswith("Valid: 1 table, 1 column, 1 warning.\n")


def test_an_invalid_document_exits_one_with_every_problem_its_place_and_a_fix(document: Path) -> None:
    document.write_text(VALID.replace("title", "Title").replace("text", "txt"))

    output, code = run(str(document))

    assert code == 1
    assert "error unknown_type at $.tables[0].columns[0].type\n" in output
    assert 'There is no column type "txt".\n  Did you mean "text"?\n' in output
    assert output.endswith("The document has 1 error.")


def test_json_output_is_the_response_of_the_api(document: Path) -> None:
    document.write_text('{"name": "Sales", "tables": []}')

    output, code = run(str(document), "--json")

    data = json.loads(output.removesuffix("The document has 1 error."))
    assert code == 1
    assert data == {
        "valid": False,
        "problems": [
            {
                "severity": "error",
                "code": "no_tables",
                "path": "$.tables",
                "detail": "The document has no tables.",
                "fix": "Add a table with a column.",
            }
        ],
    }


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b"\x00"])
def test_what_is_no_json_is_one_problem(document: Path, content: bytes) -> None:
    document.write_bytes(content)

    output, code = run(str(document))

    assert code == 1
    assert "error not_json at $" in output or "error too_deep at $" in output


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(VALID.encode())))

    output, code = run("-")

    assert code == 0
    assert "Valid" in output


def test_a_file_that_is_not_there_is_misuse(document: Path) -> None:
    output, code = run(str(document))

    assert code == 2
    assert output == f"{document} cannot be read: No such file or directory."
