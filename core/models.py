"""The platform's tables: who has an account, which projects exist, what was decided and what is being done.

All but `User` have row-level security (core/policies.py): they are read and written inside a door of `core.tenancy`.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from core.rights import GIVEN, Role

_GIVEN_ROLES = {role.value: role.label for role in GIVEN}
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def new_schema_name() -> str:
    """An opaque PostgreSQL schema name, `p_` and 12 random base32 characters: catalogs are visible to many."""
    return "p_" + "".join(secrets.choice(_BASE32) for _ in range(12))


class UserManager(BaseUserManager["User"]):
    """Creates users by email address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A stored user; `email` is kept in lower case, which is how it is looked up."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A member of the platform's staff with all permissions."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The user who signs in with that email address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account on the platform."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    ai_requests_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="AI requests a UTC day; empty means the platform's default."
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """The name people see."""
        return self.full_name or self.email

    def get_short_name(self) -> str:
        """The name people see where space is short."""
        return self.full_name.split(" ")[0] or self.email.split("@")[0]


class Project(models.Model):
    """One tenant: one application and its PostgreSQL schema."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=2000)
    schema_name = models.CharField(max_length=14, unique=True, default=new_schema_name, editable=False)
    active_config = models.ForeignKey(
        "VibeConfig", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    member_id: uuid.UUID | None = None
    member_role: str | None = None
    """Whose role in the project is which, as `core.permissions` found it; of its owner, `owner` says it."""

    class Meta:
        ordering = ("-updated_at",)
        indexes = (models.Index(fields=["owner", "-updated_at"], name="project_owner_updated"),)

    def __str__(self) -> str:
        return self.name


class ProjectMember(models.Model):
    """Somebody who may open a project that somebody else owns. The owner has no such row: `Project.owner` says it.

    So there is always exactly one owner, whatever happens to members at the same time.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    role = models.CharField(max_length=6, choices=list(_GIVEN_ROLES.items()))
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["user", "project"], name="projectmember_once"),
            models.CheckConstraint(condition=models.Q(role__in=[*_GIVEN_ROLES]), name="projectmember_role"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} is {Role(self.role).label.lower()} of {self.project_id}"


class Placement(models.Model):
    """Which database holds a project's schema: a key of Django's DATABASES."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, related_name="placement")
    database = models.CharField(max_length=63, default="default")

    def __str__(self) -> str:
        return f"{self.project_id} on {self.database}"


class DecisionTrace(models.Model):
    """The record of one decision of a model or of the offline engine.

    What it started from is `base`, the draft before it, or else `parent`, the version that was active then. `draft` is
    what the engine answered, from which the document follows again; `rounds` are the answers that had to be corrected.
    """

    class Intent(models.TextChoices):
        """What the user asked for."""

        CREATE = "CREATE"
        MODIFY = "MODIFY"
        RELATE = "RELATE"
        NONE = "NONE"

    class Outcome(models.TextChoices):
        """How the decision ended."""

        PENDING = "pending"
        SCHEMA = "schema"
        CLARIFY = "clarify"
        REJECT = "reject"
        ERROR = "error"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="traces")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="traces")
    prompt = models.TextField()
    intent = models.CharField(max_length=6, choices=Intent, default=Intent.NONE)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.PENDING)
    message = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    base = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="refinements")
    parent = models.ForeignKey("VibeConfig", null=True, on_delete=models.SET_NULL, related_name="+")
    response = models.JSONField(default=dict)
    draft = models.JSONField(default=dict)
    rounds = models.JSONField(default=list)
    document = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    engine = models.CharField(max_length=20, default="offline")
    model = models.CharField(max_length=80, blank=True)
    prompt_version = models.CharField(max_length=12, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["project", "-created_at"], name="trace_project_created"),
            models.Index(fields=["user", "-created_at"], name="trace_user_created"),
        )

    def __str__(self) -> str:
        return self.prompt[:80]


class VibeConfig(models.Model):
    """One stored version of a project's schema document. Never changed after it was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="configs")
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=30)
    document = models.JSONField()
    content_hash = models.CharField(max_length=64)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    trace = models.ForeignKey(DecisionTrace, null=True, on_delete=models.SET_NULL, related_name="configs")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["project", "number"], name="vibeconfig_number_once"),
            models.UniqueConstraint(fields=["project", "version"], name="vibeconfig_version_once"),
        )

    def __str__(self) -> str:
        return f"version {self.version}"


class SchemaLock(models.Model):
    """A share of the exclusive right to change a project's schema, until it expires.

    All that are in force at a time are of one user (core/locks.py): what the user holds by hand, and what the user's
    provisioning holds for as long as it works.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="schema_locks")
    holder = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    work = models.UUIDField(null=True)
    """Names the work that holds it; none is by hand."""
    purpose = models.CharField(max_length=200, default="editing")
    acquired_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "work"], name="schemalock_work_once", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return f"{self.project_id} until {self.expires_at:%H:%M:%S}"


class SchemaFreeze(models.Model):
    """The owner's word that a project's schema stays as it is, until the row is gone."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, related_name="schema_freeze")
    frozen_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    frozen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.project_id} since {self.frozen_at:%Y-%m-%d %H:%M}"


class Job(models.Model):
    """Long work that a Celery worker does for a user. The row is the truth; the broker only wakes workers."""

    class Status(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="jobs")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=30)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    steps = models.JSONField(default=list)
    payload = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    idempotency_key = models.CharField(max_length=200, null=True)  # noqa: DJ001 (NULLs do not collide in the constraint)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    detail: Mapping[str, Any] = MappingProxyType({})
    """What a running job tells beside its steps; `core.jobs.find` reads it, and no row keeps it."""

    class Meta:
        ordering = ("-created_at",)
        constraints = (models.UniqueConstraint(fields=["user", "idempotency_key"], name="job_idempotency_key_once"),)
        indexes = (
            models.Index(
                fields=["status", "heartbeat_at"], name="job_unfinished", condition=models.Q(finished_at__isnull=True)
            ),
            models.Index(fields=["project", "-created_at"], name="job_project_created"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in {self.Status.SUCCEEDED, self.Status.FAILED}


class StoredFile(models.Model):
    """What is known of an uploaded file. Its bytes are in the storage `attachments` (core/files.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="files")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    table_id = models.CharField(max_length=29)
    column_id = models.CharField(max_length=29)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["project", "used_at"], name="storedfile_project_used"),)

    def __str__(self) -> str:
        return self.name
