"""`make setup`: the virtual environment of a fresh clone, with requirements that need no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.product import ROOT
from vibecrm import installation
from vibecrm.installation import InstallationError, check_python, install

pytestmark = pytest.mark.servers


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that requires nothing."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        tmp_path.joinpath(name).write_text("# nothing\n")
    environment = tmp_path / ".venv"
    monkeypatch.setattr(installation, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(installation, "ENVIRONMENT", environment)
    monkeypatch.setattr(installation, "PYTHON", environment / "bin" / "python")
    monkeypatch.setattr(installation, "LOG", environment / "install.log")
    return tmp_path


def test_it_installs_once_and_again_only_when_the_requirements_change(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install()
    assert "Installing the Python packages" in capsys.readouterr().out
    install()
    assert capsys.readouterr().out == ""
    clone.joinpath("requirements.txt").write_text("# something else\n")
    install()
    assert "Installing the Python packages" in capsys.readouterr().out


def test_what_the_tests_need_includes_what_the_product_needs(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(dev=True)
    assert "requirements-dev.txt" in capsys.readouterr().out
    install()
    assert capsys.readouterr().out == ""


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install()
    for link in clone.joinpath(".venv", "bin").glob("python*"):
        link.unlink()
    capsys.readouterr()
    install()
    assert "Creating the virtual environment" in capsys.readouterr().out
    assert subprocess.run([clone / ".venv/bin/python", "-m", "pip", "--version"], check=False).returncode == 0


def test_a_failed_installation_says_why_and_is_tried_again(clone: Path) -> None:
    missing = clone / "missing.whl"
    clone.joinpath("requirements.txt").write_text(f"{missing}\n")
    for _ in range(2):
        with pytest.raises(InstallationError, match=r"failed \(.*missing.whl.*\): see .*install.log"):
            install()


def test_an_old_python_is_refused_with_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(InstallationError, match=rf"needs Python 99.0 or newer and this is {sys.version.split()[0]}"):
        check_python()


def test_a_python_without_ensurepip_is_told_what_to_install(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InstallationError, match="apt install python3-venv"):
        install()


def test_it_starts_with_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import vibecrm.supervisor"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
