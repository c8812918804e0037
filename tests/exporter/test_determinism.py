"""Every target makes the same bytes each time, and they hold nothing of the platform that made them."""

from __future__ import annotations

import getpass
import socket
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from core.models import Project, User
from exporter import service
from exporter.archive import write_zip
from exporter.targets import targets
from schemas.document import Schema
from tests.exporter.projects import fill_every_type, provisioned
from tests.exporter.schemas import every_type, hostile_as_accepted


def packed(user: User, project: Project, target: str, with_data: bool) -> bytes:
    archive = BytesIO()
    write_zip(service.render(user, project, target, with_data=with_data), archive)
    return archive.getvalue()


def unpacked(archive: bytes) -> str:
    with zipfile.ZipFile(BytesIO(archive)) as files:
        return "".join(f"{name}\n{files.read(name).decode()}" for name in files.namelist())


def secrets(user: User, project: Project) -> list[str]:
    """What only the platform and this machine know. Who owns a row is part of the rows, and named by an id alone."""
    version = project.active_config
    assert version is not None
    found = [project.schema_name, str(project.pk), str(version.pk), version.content_hash, user.email, user.full_name]
    found += [settings.SECRET_KEY, str(settings.HOME), str(Path.cwd()), f"{Path.home()}/", socket.gethostname()]
    found += ["vibecrm", "vibe_", *([] if getpass.getuser() == "root" else [getpass.getuser()])]
    return [word for word in found if word]


@pytest.mark.parametrize("make", [every_type, hostile_as_accepted])
def test_two_exports_are_equal_to_the_byte_and_hold_nothing_of_the_platform(
    user: User, make: Callable[[], Schema]
) -> None:
    schema = make()
    project = provisioned(user, schema)
    if make is every_type:
        fill_every_type(project, schema, [user.pk, uuid4()])
    for target in targets:
        for with_data in (False, True) if target.takes_rows else (False,):
            first, second = (packed(user, project, target.key, with_data) for _ in range(2))
            assert first == second, target.key
            text = unpacked(first).lower()
            for word in secrets(user, project):
                assert word.lower() not in text, (target.key, word)
            if not with_data:  # rows have dates of their own
                assert f"{datetime.now(UTC):%Y-%m-%d}" not in text, target.key
                assert str(user.pk) not in text, target.key
