"""What the API, the pages and the command ask of the exporter: files, and the job that makes the ZIP."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import IO, Any, Final
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from core import jobs
from core.errors import BadRequest, Conflict, NotFound, Problem
from core.models import Job, Project, User
from core.permissions import access_job, require
from core.rights import Right
from exporter import github_token
from exporter.context import MAX_NAME_LENGTH
from exporter.github_destination import Destination, checked_token
from exporter.rows import ProjectRows
from exporter.targets import Export, ExportTarget, targets
from schemas.document import Schema

JOB_KIND: Final = "export"
DEFAULT_TARGET: Final = "nextjs"
DELIVERIES: Final = ("zip", "files", "github")
_FOLDER: Final = "exports"
_KEPT: Final = timedelta(days=7)
"""How long the ZIP of an export can be downloaded; exporting again takes a second."""


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of a finished export, by its path."""

    path: str

    @property
    def folder(self) -> str:
        """The folder that it is in; empty for the top."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its name in the folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished export, open for reading: whoever gets it closes its file.

    Args:
        filename: what the download is called.
        stored: the ZIP where it is kept. It may be longer than the memory.
    """

    filename: str
    stored: File

    def files(self) -> list[ArchivedFile]:
        """Every file, without the folder that all of them are in."""
        with zipfile.ZipFile(self.stored) as archive:
            return [ArchivedFile(name.partition("/")[2]) for name in archive.namelist()]

    def text(self, path: str, most: int) -> str:
        """What is in a file; only that many characters if it has more. Raises `KeyError` when there is none."""
        with zipfile.ZipFile(self.stored) as archive:
            (root,) = {name.partition("/")[0] for name in archive.namelist()}
            with io.TextIOWrapper(archive.open(f"{root}/{path}"), encoding="utf-8", newline="") as text:
                return text.read(most)


def submit(
    user: User,
    project: Project,
    *,
    delivery: str = "zip",
    target: str = DEFAULT_TARGET,
    name: str = "",
    with_data: bool = False,
    github: Mapping[str, Any] = MappingProxyType({}),
    idempotency_key: str | None = None,
) -> Job:
    """Submits the job that exports the project's active version.

    Args:
        user: who exports.
        project: as `core.permissions.access_project` returns it.
        delivery: one of `DELIVERIES`.
        target: the key of a target.
        name: what the application is called; the project's name when empty.
        with_data: whether the project's records become part of it.
        github: for that delivery, `repo_name`, `github_token`, and `branch` and `private` if they are said.
        idempotency_key: the caller's own name of this request.

    Raises:
        BadRequest: when there is no such delivery or target, or one of the values cannot be used.
        Conflict: when the project has no version yet.
        Forbidden: when the records are asked for, and the user's role does not let them have all of them.
    """
    _rows(user, project, find_target(target), with_data)
    if delivery not in DELIVERIES:
        raise BadRequest(f"There is no delivery {delivery!r}. Use one of {', '.join(DELIVERIES)}.")
    active_schema(project)
    payload = {
        "export_type": delivery,
        "target": target,
        "project_name": checked_name(name) or _name_of(project),
        "data": with_data,
    }
    if delivery != "github":
        return jobs.submit(user, JOB_KIND, payload, project, idempotency_key)
    return _submit_push(user, project, payload, github, idempotency_key)


def _submit_push(
    user: User, project: Project, payload: dict[str, Any], github: Mapping[str, Any], idempotency_key: str | None
) -> Job:
    """Submits with a claim to the token: the job's row is kept, and the token must not be."""
    destination = asdict(Destination.checked(github))
    identity = json.dumps([str(user.pk), str(project.pk), idempotency_key, payload, destination], sort_keys=True)
    claim = github_token.leave(checked_token(github.get("github_token", "")), identity if idempotency_key else "")
    payload["github"] = {"destination": destination, "claim": claim}
    job = jobs.submit(user, JOB_KIND, payload, project, idempotency_key)
    if job.is_finished:  # the first answer to a request that came again: nobody takes the token any more
        github_token.forget(claim)
    return job


def active_schema(project: Project) -> Schema:
    """The document of the project's active version; raises `Conflict` when it has none."""
    if project.active_config is None:
        detail = "This project has no provisioned version yet, so there is nothing to export. Provision a schema first."
        raise Conflict(detail, code="nothing_provisioned")
    return Schema.from_json(project.active_config.document)


def find_target(key: str) -> ExportTarget:
    """The target of that key; raises `BadRequest`."""
    if key not in targets:
        raise BadRequest(f"There is no export target {key!r}. Use one of {', '.join(targets.names())}.")
    return targets.get(key)


def checked_name(name: str) -> str:
    """The name with its spaces tidied; raises `BadRequest` when an application cannot be called that."""
    name = " ".join(name.split())
    if len(name) > MAX_NAME_LENGTH:
        raise BadRequest(f"The name is too long: {MAX_NAME_LENGTH} characters are the most.", code="invalid_name")
    if not name.isprintable():
        raise BadRequest("The name contains characters that cannot be printed. Remove them.", code="invalid_name")
    return name


def _name_of(project: Project) -> str:
    """The project's name without the characters that cannot be printed, such as those that turn the direction."""
    return "".join(character for character in project.name if character.isprintable())


def render(user: User, project: Project, target: str, name: str = "", *, with_data: bool = False) -> Export:
    """The files of the project's active version; arguments and errors are those of `submit`."""
    found = find_target(target)
    rows = _rows(user, project, found, with_data)
    return found.export(active_schema(project), checked_name(name) or _name_of(project), rows)


def _rows(user: User, project: Project, target: ExportTarget, wanted: bool) -> ProjectRows | None:
    """Where the records come from, if they are wanted."""
    if not wanted:
        return None
    if not target.takes_rows:
        able = ", ".join(sorted(each.key for each in targets if each.takes_rows))
        detail = f"Records cannot be part of the target {target.key!r}. Leave them out, or use {able}."
        raise BadRequest(detail, code="target_without_records")
    require(user, project, Right.EXPORT_RECORDS)
    return ProjectRows(project, user.pk)


def store(job_id: UUID, packed: IO[bytes]) -> None:
    """Keeps a finished ZIP for its download; what a lost worker wrote for the same job is replaced."""
    default_storage.delete(_stored_name(job_id))
    default_storage.save(_stored_name(job_id), File(packed))
    _forget_old()


def archive_of(user: User, job_id: UUID) -> Archive:
    """The finished ZIP of an export of the user's own, opened.

    Raises:
        NotFound: when there is no such export, or its ZIP is no longer kept.
        Conflict: when it is not finished.
        Problem: the problem of an export that failed.
    """
    job = access_job(user, job_id)
    if job.kind != JOB_KIND:
        raise NotFound
    if job.status == Job.Status.FAILED:
        raise Problem.from_json(job.error or {})
    if job.status != Job.Status.SUCCEEDED or job.result is None:
        raise Conflict("This export is not finished yet. Try again when its job has succeeded.", code="not_finished")
    try:
        return Archive(filename=job.result["filename"], stored=default_storage.open(_stored_name(job_id)))
    except FileNotFoundError:
        raise NotFound("The file of this export is no longer kept. Export the project again.") from None


def _forget_old() -> None:
    """Deletes ZIPs that were kept long enough. Two processes may do so at once: a missing file is fine."""
    limit = timezone.now() - _KEPT
    for name in default_storage.listdir(_FOLDER)[1]:
        path = f"{_FOLDER}/{name}"
        try:
            if default_storage.get_modified_time(path) < limit:
                default_storage.delete(path)
        except FileNotFoundError:
            continue


def _stored_name(job_id: UUID) -> str:
    return f"{_FOLDER}/{job_id}.zip"
