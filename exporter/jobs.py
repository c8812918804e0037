"""The job kind `export`: the active version of a project as source code, in a ZIP."""

from __future__ import annotations

from typing import Any

from core.errors import NotFound
from core.jobs import JobContext, job_kind
from core.permissions import access_project
from exporter import service
from exporter.archive import zip_bytes


@job_kind(service.JOB_KIND)
def export(context: JobContext) -> dict[str, Any]:
    """Renders the files, packs them and keeps the ZIP; with the delivery `files` the result holds them too."""
    if context.project_id is None:
        raise NotFound("The project of this export is gone.")
    context.progress(5, "Read the active version")
    project = access_project(context.user, context.project_id)
    payload = context.payload
    context.progress(20, "Write the source code")
    made = service.render(project, payload["target"], payload["project_name"])
    context.progress(70, "Pack the files")
    content = zip_bytes(made.files, made.slug)
    context.progress(90, "Store the archive")
    service.store(context.job.pk, content)
    result: dict[str, Any] = {
        "filename": f"{made.slug}.zip",
        "size": len(content),
        "file_count": len(made.files),
        "target": payload["target"],
        "version": project.active_config.version if project.active_config else None,
    }
    if payload["export_type"] == "files":
        result["files"] = [{"path": path, "content": text} for path, text in made.files.items()]
    return result
