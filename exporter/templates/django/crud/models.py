"""What all records have in common."""

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse


class Owned(models.Model):
    """A row of its owner, who is whoever adds it: PostgreSQL takes that from the claims of the transaction."""

    id = models.UUIDField(
        primary_key=True,
        default=uuid4,
        db_default=models.Func(function="gen_random_uuid"),
        editable=False,
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_default=models.Func(function="auth.uid"),
        editable=False,
        verbose_name="owner",
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


class Record(Owned):
    """A record that has pages, an API and a place in the admin."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {str(self.pk)[:8]}"

    def get_absolute_url(self) -> str:
        return reverse(f"{self._meta.model_name}-detail", args=[self.pk])


class Link(Owned):
    """A link between two records. It is visible to whoever sees the record that it starts from."""

    class Meta:
        abstract = True
