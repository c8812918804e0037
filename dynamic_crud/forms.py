"""Forms of records: Django's own derivation from the model, with pickers for relations."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, cast
from uuid import UUID

import orjson
from django import forms
from django.conf import settings
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.http import QueryDict

from core.errors import Problem
from core.members import Member
from core.tenancy import Door
from dynamic_crud.attaching import Received
from dynamic_crud.factory import DynamicRow
from dynamic_crud.file_fields import AttachmentField, FilesInput
from dynamic_crud.links import save_links
from dynamic_crud.pickers import CHOOSE, NOTHING, LinksField, MemberField, RelationField
from dynamic_crud.resources import Resource, ResourceField, derived
from dynamic_crud.widgets import LinesField, control_for
from schemas.column_types.attachment import FilesField
from schemas.column_types.user import UserField

_WIDE_CONTROLS: Final = (forms.Textarea, forms.CheckboxSelectMultiple, FilesInput)


class JSONText(json.JSONDecoder):
    """Reads what is typed as the API reads its bodies: Python's reader fails on long numbers and on deep nesting."""

    def decode(self, s: str, _w: Any = None) -> Any:
        """The text's data; raises `json.JSONDecodeError`."""
        return orjson.loads(s)


class RecordForm(forms.ModelForm):
    """A form of one record. It reads and saves inside an open door and renders outside of it.

    Args:
        door: the open door.
        members: the members of the project by id.
        received: the files that came with it, by the name of their column.
        **options: as of every model form.
    """

    resource: ClassVar[Resource]

    def __init__(
        self,
        *args: Any,
        door: Door,
        members: Mapping[UUID, Member],
        received: Mapping[str, Received] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.door = door
        self.instance._state.db = door.alias  # where Django's checks look
        for name, field in self._relations().items():
            field.enter(door, getattr(self.instance, f"{name}_id", None))
        for item in self.resource.member_fields:
            chosen = None if self.instance._state.adding else item.stored(self.instance)
            cast("MemberField", self.fields[item.name]).enter(members, chosen)
        for name, attachment in self._attachments().items():
            attachment.enter(getattr(self.instance, name), (received or {}).get(name, Received()))

    def validate_unique(self) -> None:
        """Left to PostgreSQL, which is right also when two people save at once."""

    def keep_fields(self, names: Collection[str]) -> None:
        """Leaves some fields in the form, before anything is read: the others keep their values."""
        self.fields = {name: field for name, field in self.fields.items() if name in names}

    def as_shown(self, data: QueryDict, names: Iterable[str]) -> QueryDict:
        """What was sent, but some fields as if nobody had touched them in this form.

        Args:
            data: what was sent.
            names: the fields.
        """
        changed = data.copy()
        for name in names:
            bound = self[name]
            show: Callable[[Any], Any] = getattr(bound.field.widget, "format_value", lambda _: None)
            shown = show(bound.value())
            texts = shown if isinstance(shown, list | tuple) else [shown]
            changed.setlist(bound.html_name, [str(text) for text in texts if text is not None])
        return changed

    def offer_choices(self, search_url: Callable[[Resource], str]) -> None:
        """Fetches what the pickers offer, so that the form can be rendered after the door has closed."""
        for name, field in self._relations().items():
            field.offer_choices(self[name].value(), search_url(field.target))

    def offer_new(self, create_url: Callable[[Resource], str]) -> None:
        """Lets people make what a picker lacks without leaving the form."""
        for field in self._relations().values():
            field.offer_new(create_url(field.target))

    def show_links(self, address: Callable[[str], str]) -> None:
        """Tells the columns of files where a file of the record is read, by its id."""
        for field in self._attachments().values():
            field.show_links(address)

    def save(self, commit: bool = True) -> DynamicRow:
        """Inserts the record, or updates the columns that were changed and no others."""
        changed = set(self.changed_data)
        links = {
            item: [row.pk for row in self.cleaned_data[item.name]]
            for item in self.resource.links
            if item.name in changed
        }
        stored = changed - {item.name for item in links}
        if self.instance._state.adding:
            self.instance.save(using=self.door.alias, force_insert=True)
        elif stored:
            self.instance.save(using=self.door.alias, update_fields=stored)
        save_links(self.door, self.instance, links)
        return self.instance

    def add_problem(self, problem: Problem) -> None:
        """Shows what PostgreSQL refused beside the fields concerned."""
        for error in problem.errors:
            column = str(error["path"]).removeprefix("$").removeprefix(".").partition("[")[0]
            item = self.resource.by_column.get(column)
            self.add_error(item.name if item else None, f"{error['detail']} {error['fix']}")
        if not problem.errors:
            self.add_error(None, problem.detail)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields as pages show them: plain ones, links to other records, long ones."""
        wide = [bound for bound in self if isinstance(bound.field.widget, _WIDE_CONTROLS)]
        links = [bound for bound in self if isinstance(bound.field, RelationField)]
        plain = [bound for bound in self if bound not in wide and bound not in links]
        for title, fields in (("", plain), ("Linked records", links), ("More", wide)):
            if fields:
                yield title, fields

    def numbers(self) -> Iterator[tuple[str, str]]:
        """What PostgreSQL has numbered, which is only to be read: names and values. A new record has none."""
        if not self.instance._state.adding:
            for item in self.resource.fields:
                if item.type.numbered:
                    yield item.column.title, item.value(self.instance)

    def _get_validation_exclusions(self) -> set[str]:
        # The pickers have looked, and only they know that a hidden record may stay chosen.
        return {*super()._get_validation_exclusions(), *self._relations()}  # type: ignore[misc]

    def _relations(self) -> dict[str, RelationField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, RelationField)}

    def _attachments(self) -> dict[str, AttachmentField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, AttachmentField)}


@derived
def form_class(resource: Resource) -> type[RecordForm]:
    """The form class of a resource's records."""
    items = {item.name: item for item in resource.fields}

    def make_field(model_field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
        item = items[model_field.name]
        return _relation_field(resource, item) if item.column.is_relation else _plain_field(item, options)

    names = list(items)
    base = type("ResourceForm", (RecordForm,), {"resource": resource})
    # The stubs forget that a callback may answer None, which leaves the field out.
    factory: Any = forms.modelform_factory
    made = factory(resource.model, form=base, fields=names, formfield_callback=make_field)
    return cast("type[RecordForm]", made)


def _relation_field(resource: Resource, item: ResourceField) -> RelationField:
    column = item.column
    kind = RelationField if column.is_stored else LinksField
    return kind(resource.target(item), required=column.required, label=column.title, help_text=column.help_text)


def _plain_field(item: ResourceField, options: dict[str, Any]) -> forms.Field | None:
    if item.type.numbered:
        return None  # nobody enters it
    if isinstance(item.model_field, FilesField):
        return AttachmentField(item)
    if isinstance(item.model_field, UserField):
        return MemberField(required=item.column.required, label=item.column.title, help_text=item.column.help_text)
    if isinstance(item.model_field, models.URLField):
        options["assume_scheme"] = "https"
    if isinstance(item.model_field, models.JSONField):
        options["decoder"] = JSONText
    if isinstance(item.model_field, models.TextField):
        options |= {"form_class": LinesField, "empty_value": None}
    field = cast("forms.Field", item.model_field.formfield(**options))
    if control := control_for(field, item):
        control.attrs = {**field.widget_attrs(control), **control.attrs}
        control.is_required = field.required
        field.widget = control
    if isinstance(field, forms.DateTimeField):
        field.help_text = f"{field.help_text} Times are in {settings.TIME_ZONE}.".strip()
    _name_nothing(field)
    if currency := item.settings.get("currency"):
        field.label = f"{field.label} ({currency})"
    return field


def _name_nothing(field: forms.Field) -> None:
    """A word for the choice of nothing, where Django has dashes."""
    choices = list(getattr(field, "choices", ()))
    if choices and choices[0] == BLANK_CHOICE_DASH[0]:
        nothing = ("", CHOOSE if field.required else NOTHING)
        cast("forms.ChoiceField", field).choices = [nothing, *choices[1:]]
