"""Jobs as the API shows them: a call waits for its result, and gets the job's address if that takes long."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from core import jobs
from core.errors import BadRequest, Problem
from core.models import Job, User

MAX_KEY_LENGTH = 200


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job for its user."""

    class Meta:
        model = Job
        fields = (
            "id", "kind", "project", "status", "progress", "steps", "result", "error",
            "created_at", "started_at", "finished_at",
        )  # fmt: skip


def user_of(request: Request) -> User:
    """The signed-in user; DRF's permission class has seen to it that there is one."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("This view needs a signed-in user.")
    return user


def prefers_async(request: Request) -> bool:
    """Whether the caller asked for `Prefer: respond-async` (RFC 7240)."""
    return "respond-async" in request.headers.get("Prefer", "").lower()


def idempotency_key(request: Request) -> str | None:
    """The caller's own name of this request (`Idempotency-Key`), if it has one; raises `BadRequest`."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY_LENGTH or not key.isprintable():
        detail = f"An Idempotency-Key has at most {MAX_KEY_LENGTH} printable characters. A UUID is a good one."
        raise BadRequest(detail, code="invalid_idempotency_key")
    return key or None


def finish(request: Request, job: Job) -> Job:
    """The job when it has succeeded, or as it stands when the caller should not wait any longer.

    Raises:
        Problem: the problem of a job that failed.
    """
    seconds = 0.0 if prefers_async(request) else settings.JOB_WAIT_SECONDS
    job = jobs.wait(user_of(request), job.pk, seconds)
    if job.status == Job.Status.FAILED:
        raise Problem.from_json(job.error or {})
    return job


def job_response(request: Request, job: Job) -> Response:
    """200 with the job's result, or 202 with the job and its address while it goes on."""
    job = finish(request, job)
    if job.status == Job.Status.SUCCEEDED:
        return Response(job.result)
    return accepted(request, job)


def accepted(request: Request, job: Job) -> Response:
    """202: the work goes on; `Location` says where to look."""
    location = request.build_absolute_uri(reverse("api-job", args=[job.pk]))
    body: dict[str, Any] = JobSerializer(job).data
    return Response(body, status=status.HTTP_202_ACCEPTED, headers={"Location": location, "Retry-After": "1"})
