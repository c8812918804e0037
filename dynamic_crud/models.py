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
