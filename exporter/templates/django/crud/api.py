"""The API of all sections: `GET`, `POST`, `PATCH` and `DELETE` below `/api/`."""

from typing import Any, ClassVar

from django.db import DatabaseError, IntegrityError, models, transaction
from rest_framework import status, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import BaseSerializer
from rest_framework.views import exception_handler

from crud.errors import explanation
from crud.sections import Section, sections


class RecordViewSet(viewsets.ModelViewSet):
    """The records of one section."""

    section: ClassVar[Section]

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.section.queryset()

    def perform_create(self, serializer: BaseSerializer) -> None:
        with transaction.atomic():
            serializer.save()

    def perform_update(self, serializer: BaseSerializer) -> None:
        with transaction.atomic():
            serializer.save()

    def perform_destroy(self, instance: models.Model) -> None:
        with transaction.atomic():
            instance.delete()


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """What PostgreSQL refuses is an answer too."""
    if isinstance(error, DatabaseError) and (words := explanation(error)):
        if isinstance(error, IntegrityError):
            return Response({"detail": words}, status=status.HTTP_409_CONFLICT)
        return exception_handler(ValidationError({"detail": words}), context)
    return exception_handler(error, context)


def router() -> SimpleRouter:
    """The addresses of all sections."""
    made = SimpleRouter()
    for section in sections():
        view = type(
            f"{section.model.__name__}ViewSet",
            (RecordViewSet,),
            {
                "section": section,
                "serializer_class": section.serializer_class,
                "filterset_class": section.filterset_class,
                "search_fields": list(section.search_fields),
                "ordering_fields": section.sortable,
            },
        )
        made.register(section.slug, view, basename=f"api-{section.model._meta.model_name}")
    return made
