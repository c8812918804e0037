"""The admin of records. Whoever may enter it sees all of them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline

from crud.errors import explanation


class RecordAdmin(ModelAdmin):
    """A record with its owner and its times."""

    readonly_fields: Sequence[str] = ("user", "created_at", "updated_at")
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> Sequence[str]:
        """What PostgreSQL gives a record is shown when there is one."""
        return super().get_readonly_fields(request, obj) if obj else ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._explained(
            request,
            lambda: super(RecordAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            ),
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._explained(
            request,
            lambda: super(RecordAdmin, self).delete_view(request, object_id, extra_context),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._explained(
            request, lambda: super(RecordAdmin, self).changelist_view(request, extra_context)
        )

    def _explained(self, request: HttpRequest, respond: Any) -> HttpResponse:
        """What PostgreSQL refuses becomes a message."""
        try:
            with transaction.atomic():
                return respond()
        except DatabaseError as error:
            if not (words := explanation(error)):
                raise
            messages.error(request, words)
            return HttpResponseRedirect(request.get_full_path())


class LinkInline(TabularInline):
    """The links of a record to others."""

    fk_name = "source"
    autocomplete_fields = ("target",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("target")
