from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

VALID = '{"name": "Sales", "tables": [{"name": "leads", "columns": [{"name": "title", "type": "text"}]}]}'


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "document.json"


def run(*arguments: str, said: io.StringIO | None = None) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    output = io.StringIO()
    try:
        call_command("validate", *arguments, stdout=output, stderr=said)
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


DOCUMENTS = [
    json.loads(VALID),
    {"name": "Sa\u200bles", "tables": [{"name": "Größe", "columns": [{"name": "St\u0430tus", "type": "txt"}]}]},
    {"version": 10**25, "tables": [{"name": "a", "columns": [{"name": "n", "type": "integer", "default": 10**25}]}]},
    {"name": [[[]]], "tables": [{}, 5, None, {"name": "a", "columns": [{"name": "s", "type": "select"}]}]},
    {
        "tables": [
            {"name": f"t{i}", "columns": [{"name": f"C{j}", "type": "text"} for j in range(9)]} for i in range(40)
        ]
    },
    [1.5, "text"],
    None,
]


@pytest.mark.parametrize("data", DOCUMENTS)
def test_the_command_and_the_api_answer_the_same(document: Path, api: APIClient, data: object) -> None:
    text = json.dumps(data, ensure_ascii=False)
    document.write_text(text)

    output, _ = run(str(document), "--json")
    response = api.generic("POST", "/api/v1/validate", f'{{"schema_json": {text}}}', content_type="application/json")

    printed, _ = json.JSONDecoder().raw_decode(output)
    assert json.dumps(printed) == json.dumps(json.loads(response.content))
    assert list(printed) == ["valid", "problems"]


def nested(depth: int) -> str:
    return '{"name": ' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize("depth", [33, 500, 900, 980, 1000, 1020])
def test_they_agree_on_what_is_too_deep(document: Path, api: APIClient, depth: int) -> None:
    document.write_text(nested(depth))

    output, code = run(str(document), "--json")
    body = f'{{"schema_json": {nested(depth)}}}'
    response = api.generic("POST", "/api/v1/validate", body, content_type="application/json")

    assert code == 1
    assert json.JSONDecoder().raw_decode(output)[0] == response.json()


def test_no_more_is_read_of_a_file_than_shows_that_it_is_too_large(settings, document: Path) -> None:
    settings.SCHEMA_MAX_BYTES = 1000
    with document.open("wb") as file:
        file.truncate(1_000_000_000_000)

    output, code = run(str(document))

    assert code == 1
    assert "error too_large at $\n" in output


# --fix

BROKEN = VALID.replace('"title"', '"Title"').replace("Sales", "S\u200bales")


def test_fix_mends_the_file_and_says_what_it_mended_and_what_is_left(document: Path) -> None:
    document.write_text(BROKEN.replace('"text"}', '"txt"}, {"name": "Due Date", "type": "date"}'))
    document.chmod(0o640)

    output, code = run(str(document), "--fix")

    assert code == 1
    assert "mended invisible_character at $.name\n" in output
    assert '  Renamed to "due_date", with everything that names it.\n' in output
    assert "error unknown_type at $.tables[0].columns[0].type\n" in output
    assert output.endswith("Mended 3 problems.\nThe document has 1 error.")
    assert document.read_text() == json.dumps(
        {
            "name": "Sales",
            "tables": [
                {
                    "name": "leads",
                    "columns": [{"name": "Title", "type": "txt"}, {"name": "due_date", "type": "date"}],
                    "ui_hints": {"title_column": "due_date"},
                }
            ],
        },
        indent=2,
    ) + "\n"  # fmt: skip
    assert document.stat().st_mode & 0o777 == 0o640
    assert list(document.parent.iterdir()) == [document]


def test_fix_is_done_after_the_first_time(document: Path) -> None:
    document.write_text(BROKEN)
    run(str(document), "--fix")
    mended, inode = document.read_bytes(), document.stat().st_ino

    output, code = run(str(document), "--fix")

    assert (output, code) == ("Valid: 1 table, 1 column.\nMended nothing.\n", 0)
    assert (document.read_bytes(), document.stat().st_ino) == (mended, inode)


def test_fix_writes_through_a_link_and_never_half_a_file(document: Path, tmp_path: Path) -> None:
    document.write_text(BROKEN)
    link = tmp_path / "link.json"
    link.symlink_to(document)
    before = document.stat().st_ino

    run(str(link), "--fix")

    assert link.is_symlink()
    assert '"title"' in document.read_text()
    assert document.stat().st_ino != before


def test_fix_of_standard_input_prints_the_document_and_reports_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    said = io.StringIO()

    output, code = run("-", "--fix", said=said)

    assert code == 0
    assert json.loads(output)["tables"][0]["columns"] == [{"name": "title", "type": "text"}]
    assert said.getvalue().startswith("mended ")
    assert said.getvalue().endswith("Valid: 1 table, 1 column.\nMended 3 problems.\n")


def test_fix_as_json_lists_what_was_mended_too(document: Path) -> None:
    document.write_text(BROKEN)

    output, code = run(str(document), "--fix", "--json")

    data = json.loads(output)
    assert code == 0
    assert list(data) == ["valid", "problems", "mended"]
    assert (data["valid"], data["problems"]) == (True, [])
    assert [list(problem) for problem in data["mended"]] == [["severity", "code", "path", "detail", "fix"]] * 3


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe\x00", b"[" * 5000])
def test_fix_leaves_alone_what_is_no_document(document: Path, content: bytes) -> None:
    document.write_bytes(content)

    output, code = run(str(document), "--fix")

    assert code == 1
    assert "Mended nothing." in output
    assert document.read_bytes() == content
