"""The pages of the trash, and the buttons that lead back from it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import BadRequest, Conflict, NotFound
from core.members import project_members
from core.models import Job, Project
from core.permissions import access_project, require
from core.rights import Right
from core.views import job_page_url
from core.workspace import WorkspaceView, page_context, tables_of
from dynamic_crud.listing import MAX_SEARCH_LENGTH
from dynamic_crud.trash.emptying import delete_for_good, retention
from dynamic_crud.trash.listing import Trash, read_page
from dynamic_crud.trash.restoring import Restored
from dynamic_crud.trash.service import request_restore

MAX_CHOSEN: Final = 200
"""How many rows of a batch can be chosen one by one."""


class TrashView(WorkspaceView):
    """A page about the trash of a project."""

    project: Project

    def trash(self, project_id: UUID) -> Trash:
        """The trash, of a project that the user may open."""
        self.project = access_project(self.user, project_id)
        return Trash(self.user, self.project, {member.id: member for member in project_members(self.project)})

    def page(self, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
        """The rendered page."""
        frame = page_context(self.request, title=title, project=self.project, days=retention().days, **context)
        return render(self.request, template, frame, status=status)

    def crumb(self) -> dict[str, str]:
        """The way back to the whole trash."""
        return {"title": "Trash", "url": reverse("trash", args=[self.project.pk])}


class TrashList(TrashView):
    """Everything in the trash."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """The batches of a page, newest first."""
        trash, given = self.trash(project_id), request.GET
        search = given.get("search", "").replace("\0", "")[:MAX_SEARCH_LENGTH].strip()
        table, number = given.get("table", ""), read_page(given.get("page", ""))
        batches, has_next = trash.page(table, search, number)

        def address(page: int) -> str:
            asked = {"table": table, "search": search, "page": str(page) if page > 1 else ""}
            return "?" + urlencode({name: text for name, text in asked.items() if text})

        config = self.project.active_config
        return self.page(
            "crud/trash.html",
            "Trash",
            batches=batches,
            tables=tables_of(config.document if config else None),
            table=table,
            search=search,
            number=number,
            previous_url=address(number - 1) if number > 1 else "",
            next_url=address(number + 1) if has_next else "",
        )


class TrashBatch(TrashView):
    """One batch, row by row."""

    def get(self, request: HttpRequest, project_id: UUID, batch: UUID) -> HttpResponse:
        """The batch."""
        return self.show(project_id, batch)

    def show(self, project_id: UUID, batch: UUID, problem: Conflict | None = None) -> HttpResponse:
        """The page; after a refusal with its reasons."""
        batches = self.trash(project_id).batch(batch)
        return self.page(
            "crud/trash_batch.html",
            "In the trash",
            status=problem.status if problem else 200,
            crumb=self.crumb(),
            batches=batches,
            batch=batch,
            problem=problem,
            chosen=[str(each) for each in _chosen(self.request) or ()],
        )


class TrashRestore(TrashBatch):
    """Puts a batch back, or single rows of it: the button of the trash, and the Undo of a message."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, project_id: UUID, batch: UUID) -> HttpResponse:
        """Restores, and goes on to where the records are."""
        project = access_project(self.user, project_id)
        try:
            restored = request_restore(
                self.user, project, batch, _chosen(request), accept_losses="accept_losses" in request.POST
            )
        except Conflict as problem:
            return self.show(project_id, batch, problem)
        except NotFound as problem:
            messages.error(request, problem.detail)
            return redirect("trash", project_id)
        following = _following(request) or reverse("trash", args=[project_id])
        if isinstance(restored, Job):
            return redirect(
                job_page_url(restored, next=following, back=reverse("trash-batch", args=[project_id, batch]))
            )
        messages.success(request, told(restored))
        return redirect(following)


class TrashDelete(TrashView):
    """Deletes a batch for good, after asking."""

    def get(self, request: HttpRequest, project_id: UUID, batch: UUID) -> HttpResponse:
        """Asks."""
        trash = self.trash(project_id)
        require(self.user, self.project, Right.WRITE_RECORDS)
        batches = trash.batch(batch)
        title = "Delete for good?"
        return self.page("crud/trash_delete.html", title, crumb=self.crumb(), batches=batches, batch=batch)

    def post(self, request: HttpRequest, project_id: UUID, batch: UUID) -> HttpResponse:
        """Deletes."""
        project = access_project(self.user, project_id)
        delete_for_good(self.user, project, batch, _chosen(request))
        messages.success(request, "That is deleted for good.")
        return redirect("trash", project_id)


def told(restored: Restored) -> str:
    """What came back, for a message."""
    parts = [*restored.rows]
    if restored.edited:
        parts.append(f"{restored.edited:,} edited record{'' if restored.edited == 1 else 's'}")
    told = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "Nothing"
    verb = "was" if restored.count <= 1 else "were"
    return " ".join([f"{told} {verb} restored.", *restored.losses])


def _chosen(request: HttpRequest) -> set[UUID] | None:
    """The rows that the form names; None for all."""
    given = request.POST.getlist("record")
    if len(given) > MAX_CHOSEN:
        raise BadRequest(f"At most {MAX_CHOSEN} rows can be chosen one by one.")
    try:
        return {UUID(text) for text in given} or None
    except ValueError as error:
        raise BadRequest("A record is named by its id, which is a UUID.") from error


def _following(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if url and is_ours else ""
