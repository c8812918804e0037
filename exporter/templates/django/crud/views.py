"""The pages of all sections: lists, records, forms."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db import DatabaseError, models, transaction
from django.db.models import NOT_PROVIDED, Q
from django.forms import BaseForm, ModelForm
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.views import generic

from crud import fields
from crud.errors import explanation
from crud.files import stored_as
from crud.sections import Section, section_of, sections

OPTIONS = 20
RELATED = 10


def search(section: Section, records: models.QuerySet[Any], words: str) -> models.QuerySet[Any]:
    """The records in which all words occur."""
    for word in words.replace("\0", "").split():
        hit = Q()
        for name in section.search_fields:
            hit |= Q(**{f"{name}__icontains": word})
        records = records.filter(hit) if section.search_fields else records.none()
    return records


class Dashboard(generic.TemplateView):
    """How many records there are."""

    template_name = "crud/dashboard.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        counts = [(section, section.model.objects.count()) for section in sections()]
        return super().get_context_data(**context, counts=counts)


class SectionMixin:
    """A page of one section."""

    section: Section = None  # type: ignore[assignment]  # `as_view` brings it
    request: HttpRequest

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.section.queryset()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(  # type: ignore[misc]
            **context, section=self.section, model=self.section.model
        )

    def address(self, action: str, *arguments: Any) -> str:
        """The address of a page of this section."""
        return reverse(f"{self.section.model._meta.model_name}-{action}", args=arguments)


class RecordList(SectionMixin, generic.TemplateView):
    """The records, searched, filtered and ordered as the address says."""

    template_name = "crud/list.html"
    page_size = 25

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        section, query = self.section, self.request.GET
        found = section.filterset_class(query, queryset=self.get_queryset(), request=self.request)
        # A filter that cannot be read is shown as an error and shuts nothing out.
        records = found.qs if found.form.is_valid() else self.get_queryset()
        words, order = query.get("search", ""), query.get("ordering", "")
        if order.removeprefix("-") in section.sortable:
            records = records.order_by(order, "pk")
        page = Paginator(search(section, records, words), self.page_size).get_page(
            query.get("page")
        )
        return super().get_context_data(
            **context, filters=found, page=page, words=words, headers=self._headers(order)
        )

    def _headers(self, order: str) -> list[dict[str, Any]]:
        """The heads of the columns; those that can be ordered by link to that order."""
        query = self.request.GET.copy()
        query.pop("page", None)
        found: list[dict[str, Any]] = []
        for name in self.section.columns:
            header: dict[str, Any] = {"name": name, "order": ""}
            if name in self.section.sortable:
                query["ordering"] = f"-{name}" if order == name else name
                header["link"] = f"?{query.urlencode()}"
                header["order"] = {name: "ascending", f"-{name}": "descending"}.get(order, "none")
            found.append(header)
        return found


class RecordDetail(SectionMixin, generic.DetailView):
    """One record with what points to it."""

    template_name = "crud/detail.html"
    context_object_name = "record"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(**context, related=self._related())

    def _related(self) -> list[dict[str, Any]]:
        found = []
        for relation in self.section.model._meta.related_objects:
            section = section_of(relation.related_model)
            if section is None or not relation.related_name:
                continue
            records = section.model.objects.filter(**{relation.field.name: self.object})
            title = f"{section.title} ({capfirst(relation.field.verbose_name)})"
            shown = list(records[: RELATED + 1])
            if shown:
                found.append(
                    {"title": title, "records": shown[:RELATED], "more": len(shown) > RELATED}
                )
        return found


class FormMixin(SectionMixin):
    """A form whose record is saved as a whole, or not at all."""

    template_name: str | None = "crud/form.html"
    context_object_name: str | None = "record"

    def get_form_class(self) -> type[ModelForm]:
        return self.section.form_class

    def form_valid(self, form: ModelForm) -> HttpResponse:
        try:
            with transaction.atomic():
                record = form.save()
        except DatabaseError as error:
            if not (words := explanation(error)):
                raise
            form.add_error(None, words)
            return self.form_invalid(form)  # type: ignore[attr-defined]
        messages.success(self.request, f"{capfirst(record._meta.verbose_name)} saved.")
        return redirect(record)


class RecordCreate(FormMixin, generic.CreateView):
    """A form for a new record."""

    def get_initial(self) -> dict[str, Any]:
        """Whoever adds a record is offered where the database would name them."""
        mine = [
            field.name
            for field in self.section.model._meta.fields
            if field.name != "user" and field.is_relation and field.db_default is not NOT_PROVIDED
        ]
        return {**super().get_initial(), **dict.fromkeys(mine, self.request.user.pk)}


class RecordUpdate(FormMixin, generic.UpdateView):
    """A form for a record."""


class RecordDelete(SectionMixin, generic.DeleteView):
    """Asks before a record is deleted."""

    template_name = "crud/confirm_delete.html"
    context_object_name = "record"

    def get_success_url(self) -> str:
        return self.address("list")

    def form_valid(self, form: BaseForm) -> HttpResponse:
        name = capfirst(self.object._meta.verbose_name)
        try:
            with transaction.atomic():
                self.object.delete()
        except DatabaseError as error:
            if not (words := explanation(error)):
                raise
            messages.error(self.request, words)
            return redirect(self.address("detail", self.kwargs["pk"]))
        messages.success(self.request, f"{name} deleted.")
        return redirect(self.get_success_url())


class RecordOptions(SectionMixin, generic.View):
    """What a picker offers while somebody types."""

    def get(self, request: HttpRequest) -> JsonResponse:
        records = self.section.model.objects.all()
        if words := request.GET.get("search", ""):
            records = search(self.section, records, words)
        found = [{"id": str(record.pk), "label": str(record)} for record in records[:OPTIONS]]
        return JsonResponse({"options": found})


class RecordFile(SectionMixin, generic.View):
    """A file of a record, for whoever sees the record."""

    def get(self, request: HttpRequest, pk: str, name: str, file_id: str) -> FileResponse:
        record = get_object_or_404(self.section.model, pk=pk)
        known = [
            field.name for field in record._meta.fields if isinstance(field, fields.FilesField)
        ]
        files = getattr(record, name) or [] if name in known else []
        file = next((file for file in files if file["id"] == str(file_id)), None)
        if file is None or not default_storage.exists(stored_as(file["id"])):
            raise Http404("There is no such file.")
        stored = default_storage.open(stored_as(file["id"]))
        return FileResponse(
            stored, as_attachment=True, filename=file["name"], content_type=file["type"]
        )
