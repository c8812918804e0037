"""The record of every change from a version of a project to the next, planned, applied or failed."""

from __future__ import annotations

import uuid

from django.db import models

from core.models import DecisionTrace, Job, Project, User, VibeConfig


class Migration(models.Model):
    """One plan, stored before it runs and never changed after, with what became of it.

    The ledger in the project's own schema says what was applied; this row says what was asked for, by whom, and why it
    failed. Both are written in one transaction.
    """

    class Status(models.TextChoices):
        """How far it has come."""

        PENDING = "pending"
        APPLIED = "applied"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="migrations")
    from_config = models.ForeignKey(VibeConfig, null=True, on_delete=models.SET_NULL, related_name="+")
    to_config = models.ForeignKey(VibeConfig, null=True, on_delete=models.SET_NULL, related_name="migrations")
    trace = models.ForeignKey(DecisionTrace, null=True, on_delete=models.SET_NULL, related_name="+")
    document = models.JSONField()
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=30)
    plan = models.JSONField()
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    error = models.JSONField(null=True)
    catalog_sha256 = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["project", "-created_at"], name="migration_project_created"),)

    def __str__(self) -> str:
        return f"to version {self.version}: {self.status}"


class PurgedValues(models.Model):
    """What the archive of a project no longer has: the versions before `number` cannot be restored in full.

    A version lacks it when its document has the table or column with these ids.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="purged_values")
    table_id = models.CharField(max_length=29)
    column_id = models.CharField(max_length=29, blank=True)
    name = models.CharField(max_length=130)
    counted = models.CharField(max_length=40)
    """How much it was, in words."""
    number = models.PositiveIntegerField()
    version = models.CharField(max_length=30)
    """The version that took it out of the application, with its number."""
    purged_at = models.DateTimeField()

    class Meta:
        ordering = ("-purged_at",)
        indexes = (models.Index(fields=["project", "number"], name="purgedvalues_project_number"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.counted}"
