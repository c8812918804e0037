from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from schemas.document import Json

TITLE = {"name": "title", "type": "text"}


def document(*columns: Json, name: str = "leads") -> Json:
    return {"version": "1.4.2", "name": "Sales", "tables": [{"name": name, "columns": [TITLE, *columns]}]}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "before.json", tmp_path / "after.json"


def run(*arguments: object) -> tuple[str, int, str]:
    """What the command prints, its exit code, and what it says of a failure."""
    output = io.StringIO()
    try:
        call_command("diff", *map(str, arguments), stdout=output)
    except CommandError as error:
        return output.getvalue(), error.returncode, str(error)
    return output.getvalue(), 0, ""


def compared(files: tuple[Path, Path], before: Json, after: Json, *options: str) -> tuple[str, int, str]:
    for file, data in zip(files, (before, after), strict=True):
        file.write_text(json.dumps(data))
    return run(*files, *options)


def test_every_change_is_a_sentence_and_the_next_version_follows(files: tuple[Path, Path]) -> None:
    after = document({"name": "source", "type": "text"})

    output, code, _ = compared(files, document(), after)

    assert code == 0
    assert output == "Add the column source (text) to leads.\nVersion 1.5.0.\n"


def test_equal_documents_have_no_changes(files: tuple[Path, Path]) -> None:
    before = document()
    after = json.loads(json.dumps(before))
    after["tables"][0]["columns"][0]["type"] = "VARCHAR"

    assert compared(files, before, after) == ("No changes.\n", 0, "")


def test_a_rename_is_one(files: tuple[Path, Path]) -> None:
    after = document(name="prospects")
    after["tables"][0]["renamed_from"] = "leads"

    output, _, _ = compared(files, document(), after)

    assert output.splitlines()[0] == "Rename the table leads to prospects."


def test_json_names_the_kind_the_table_and_the_columns_of_each_change(files: tuple[Path, Path]) -> None:
    after = document({"name": "source", "type": "text"})
    after["tables"][0]["indexes"] = [["source", "created_at"]]

    output, code, _ = compared(files, document(), after, "--json")

    data = json.loads(output)
    assert code == 0
    assert list(data) == ["valid", "problems", "changes", "version"]
    assert (data["valid"], data["problems"], data["version"]) == (True, [], "1.5.0")
    assert [(item["kind"], item["table"], item["columns"]) for item in data["changes"]] == [
        ("add_column", "leads", ["source"]),
        ("add_index", "leads", ["source", "created_at"]),
    ]
    assert all(item["description"].endswith(".") for item in data["changes"])


def test_problems_are_told_with_the_name_of_their_file(files: tuple[Path, Path]) -> None:
    output, code, said = compared(files, document(), document({"name": "x", "type": "txt"}))

    assert code == 1
    assert f"error unknown_type at {files[1]} $.tables[0].columns[1].type\n" in output
    assert str(files[0]) not in output
    assert said == f"{files[1]} has 1 error."


def test_problems_are_json_like_those_of_validate(files: tuple[Path, Path]) -> None:
    output, code, _ = compared(files, {"name": "Sales", "tables": []}, document(), "--json")

    data = json.loads(output)
    assert code == 1
    assert (data["valid"], data["changes"], data["version"]) == (False, [], None)
    assert [list(problem) for problem in data["problems"]] == [["severity", "code", "path", "detail", "fix"]]


def test_one_of_the_documents_can_be_standard_input(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    files[0].write_text(json.dumps(document()))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(document()).encode())))

    assert run(files[0], "-") == ("No changes.\n", 0, "")


def test_misuse_exits_two(files: tuple[Path, Path]) -> None:
    assert run("-", "-") == ("", 2, "Only one of the documents can be standard input.")
    assert run(*files) == ("", 2, f"{files[0]} cannot be read: No such file or directory.")
