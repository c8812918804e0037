"""`manage.py export`."""

from __future__ import annotations

import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import Project, User
from tests.exporter.schemas import real_estate
from tests.exporter.test_export_api import activate
from tests.factories import ProjectFactory


@pytest.fixture
def project(user: User) -> Project:
    return activate(ProjectFactory(owner=user, name="Harbour Homes"), real_estate())


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("export", *arguments, stdout=output)
    return output.getvalue()


def test_the_files_are_written_into_a_folder(project: Project, tmp_path: Path) -> None:
    output = run(str(project.pk), "--out", str(tmp_path / "app"))
    assert "50 files of Harbour Homes" in output
    assert json.loads((tmp_path / "app/package.json").read_text("utf-8"))["name"] == "harbour-homes"


def test_the_zip_is_the_one_of_the_api(project: Project, tmp_path: Path) -> None:
    result = json.loads(run("Harbour Homes", "--zip", str(tmp_path / "app.zip"), "--name", "Homes", "--json"))
    with zipfile.ZipFile(tmp_path / "app.zip") as archive:
        assert archive.namelist() == [f"homes/{path}" for path in result["files"]]


def test_files_that_are_there_are_kept(project: Project, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("mine")
    with pytest.raises(CommandError, match="--force"):
        run(str(project.pk), "--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["package.json"]
    run(str(project.pk), "--out", str(tmp_path), "--force")
    assert (tmp_path / "package.json").read_text("utf-8") != "mine"


def test_a_place_that_cannot_be_written_is_one_sentence(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        run(str(project.pk), "--out", str(tmp_path / "file" / "app"))


def test_a_project_without_a_version_is_an_error(user: User, tmp_path: Path) -> None:
    empty = ProjectFactory(owner=user)
    with pytest.raises(CommandError, match="nothing to export"):
        run(str(empty.pk), "--zip", str(tmp_path / "app.zip"))
    assert not (tmp_path / "app.zip").exists()
