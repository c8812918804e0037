"""What the API, the pages and the command ask of the exporter: files, and the job that makes the ZIP."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from core import jobs
from core.errors import BadRequest, Conflict, InvalidSchema, NotFound, Problem
from core.models import Job, Project, User
from core.permissions import access_job
from exporter.context import MAX_NAME_LENGTH
from exporter.targets import Export, ExportTarget, targets
from schemas.document import Schema

JOB_KIND: Final = "export"
DEFAULT_TARGET: Final = "nextjs"
DELIVERIES: Final = ("zip", "files", "github")
_FOLDER: Final = "exports"
_KEPT: Final = timedelta(days=7)
"""How long the ZIP of an export can be downloaded; exporting again takes a second."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished export.

    Args:
        filename: what the download is called.
        content: the ZIP.
    """

    filename: str
    content: bytes

    def files(self) -> list[dict[str, str]]:
        """Path and content of every file, without the folder that all of them are in."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return [
                {"path": name.partition("/")[2], "content": archive.read(name).decode()} for name in archive.namelist()
            ]


def submit(
    user: User,
    project: Project,
    *,
    delivery: str = "zip",
    target: str = DEFAULT_TARGET,
    name: str = "",
    idempotency_key: str | None = None,
) -> Job:
    """Submits the job that exports the project's active version.

    Args:
        user: who exports.
        project: as `core.permissions.access_project` returns it.
        delivery: one of `DELIVERIES`.
        target: the key of a target.
        name: what the application is called; the project's name when empty.
        idempotency_key: the caller's own name of this request.

    Raises:
        BadRequest: when there is no such delivery or target, or the name cannot be used.
        Conflict: when the project has no version yet.
        InvalidSchema: when the delivery is not available.
    """
    find_target(target)
    if delivery not in DELIVERIES:
        raise BadRequest(f"There is no delivery {delivery!r}. Use one of {', '.join(DELIVERIES)}.")
    if delivery == "github":
        detail = (
            'Pushing to GitHub is not available yet. Use the export_type "zip" and push the unpacked folder yourself.'
        )
        raise InvalidSchema(detail, code="delivery_not_available")
    active_schema(project)
    payload = {"export_type": delivery, "target": target, "project_name": checked_name(name) or _name_of(project)}
    return jobs.submit(user, JOB_KIND, payload, project, idempotency_key)


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


def render(project: Project, target: str, name: str = "") -> Export:
    """The files of the project's active version."""
    return find_target(target).export(active_schema(project), checked_name(name) or _name_of(project))


def store(job_id: UUID, content: bytes) -> None:
    """Keeps a finished ZIP for its download; what a lost worker wrote for the same job is replaced."""
    default_storage.delete(_stored_name(job_id))
    default_storage.save(_stored_name(job_id), ContentFile(content))
    _forget_old()


def archive_of(user: User, job_id: UUID) -> Archive:
    """The finished ZIP of an export of the user's own.

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
        with default_storage.open(_stored_name(job_id)) as stored:
            return Archive(filename=job.result["filename"], content=stored.read())
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
