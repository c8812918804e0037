"""The job kind `export`: the active version of a project as source code, in a ZIP and, if asked for, on GitHub."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any, Final

from core.errors import BadRequest, NotFound
from core.jobs import JobContext, job_kind
from core.permissions import access_project
from exporter import github_job, service
from exporter.archive import write_zip
from exporter.targets import Export

_MOST_LISTED: Final = 20_000_000
"""Characters of all files together in a job's result, which PostgreSQL keeps and the API sends in one piece."""


@job_kind(service.JOB_KIND)
def export(context: JobContext) -> dict[str, Any]:
    """Renders the files, packs them and keeps the ZIP; with the delivery `files` the result holds them too."""
    if context.project_id is None:
        raise NotFound("The project of this export is gone.")
    context.progress(5, "Read the active version")
    project = access_project(context.user, context.project_id)
    payload = context.payload
    context.progress(20, "Write the source code")
    made = service.render(
        context.user, project, payload["target"], payload["project_name"], with_data=payload.get("data", False)
    )
    version = project.active_config.version if project.active_config else None
    pushed = github_job.deliver(context, made, version) if payload["export_type"] == "github" else {}
    context.progress(85, "Pack the files")
    with TemporaryFile() as packed:
        write_zip(made, packed)
        size = packed.tell()
        context.progress(90, "Store the archive")
        packed.seek(0)
        service.store(context.job.pk, packed)
    result: dict[str, Any] = {
        "filename": f"{made.slug}.zip",
        "size": size,
        "file_count": len(made.paths),
        "target": payload["target"],
        "version": version,
        **pushed,
    }
    if payload["export_type"] == "files":
        result["files"] = _listed(made)
    return result


def _listed(made: Export) -> list[dict[str, str]]:
    """The files as JSON, which the job keeps; raises `BadRequest` when that would be too much."""
    detail = "The files are too long for a list. Export them as a ZIP, or without records."
    refusal = BadRequest(detail, code="too_long_for_a_list")
    return [{"path": path, "content": text} for path, text in made.texts(_MOST_LISTED, refusal)]
