"""What people chose for the lists of a project's tables. It belongs to the platform, not to the project's data."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from core.models import Project, User


class ListPreference(models.Model):
    """The columns that a user wants to see of a table, in their order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=100, help_text="The table's id in the schema, which outlives its name.")
    columns = models.JSONField(default=list, help_text="The ids of the columns.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "project", "table"], name="list_preference_of_a_user")
        ]

    def __str__(self) -> str:
        return f"{self.table} of {self.user_id}"


class CsvImport(models.Model):
    """A CSV file that a user is importing into a table: what was read of it, chosen, and found out.

    The row is the truth for any web process or worker; the bytes are in the storage of attachments until they are
    imported (dynamic_crud/csv_import/drafts.py). Nobody but its user sees it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=100, help_text="The table's id in the schema, which outlives its name.")
    name = models.CharField(max_length=200, help_text="What the file was called.")
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    size = models.PositiveIntegerField(help_text="Bytes.")
    row_count = models.PositiveIntegerField()
    columns = models.JSONField(help_text="The file's columns, each with its name and first values.")
    matching = models.JSONField(default=list, help_text="For each of them the id of a column of the table, or nothing.")
    report = models.JSONField(null=True, help_text="What the last check found.")
    result = models.JSONField(null=True, help_text="What was imported.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["user", "project", "-created_at"], name="csv_import_of_a_user"),)

    def __str__(self) -> str:
        return self.name
