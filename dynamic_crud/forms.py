"""Forms of records: Django's own derivation from the model, with pickers for relations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, cast

import orjson
from django import forms
from django.conf import settings
from django.db import models

from core.errors import Problem
from core.tenancy import Door
from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource, ResourceField, derived
from dynamic_crud.widgets import RelationField, control_for

_WIDE_CONTROLS: Final = (forms.Textarea, forms.CheckboxSelectMultiple)


class JSONText(json.JSONDecoder):
    """Reads what is typed as the API reads its bodies: Python's reader fails on long numbers and on deep nesting."""

    def decode(self, s: str, _w: Any = None) -> Any:
        """The text's data; raises `json.JSONDecodeError`."""
        return orjson.loads(s)


class RecordForm(forms.ModelForm):
    """A form of one record. It reads and saves inside an open door and renders outside of it.

    Args:
        door: the open door.
        **options: as of every model form.
    """

    resource: ClassVar[Resource]

    def __init__(self, *args: Any, door: Door, **options: Any) -> None:
        super().__init__(*args, **options)
        self.door = door
        self.instance._state.db = door.alias  # where Django's checks look
        for name, field in self._relations().items():
            field.enter(door, getattr(self.instance, f"{name}_id"))

    def validate_unique(self) -> None:
        """Left to PostgreSQL, which is right also when two people save at once."""

    def offer_choices(self, search_url: Callable[[Resource], str]) -> None:
        """Fetches what the pickers offer, so that the form can be rendered after the door has closed."""
        for name, field in self._relations().items():
            field.offer_choices(self[name].value(), search_url(field.target))

    def save(self, commit: bool = True) -> DynamicRow:
        """Inserts the record, or updates the columns that were changed and no others."""
        if self.instance._state.adding:
            self.instance.save(using=self.door.alias, force_insert=True)
        elif self.changed_data:
            self.instance.save(using=self.door.alias, update_fields=self.changed_data)
        return self.instance

    def add_problem(self, problem: Problem) -> None:
        """Shows what PostgreSQL refused beside the fields concerned."""
        for error in problem.errors:
            column = str(error["path"]).removeprefix("$").removeprefix(".")
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

    def _get_validation_exclusions(self) -> set[str]:
        # The pickers have looked, and only they know that a hidden record may stay chosen.
        return {*super()._get_validation_exclusions(), *self._relations()}  # type: ignore[misc]

    def _relations(self) -> dict[str, RelationField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, RelationField)}


@derived
def form_class(resource: Resource) -> type[RecordForm]:
    """The form class of a resource's records."""
    items = {item.name: item for item in resource.fields}

    def make_field(model_field: models.Field[Any, Any], **options: Any) -> forms.Field:
        item = items[model_field.name]
        return _relation_field(resource, item) if item.column.is_relation else _plain_field(item, options)

    names = list(items)
    base = type("ResourceForm", (RecordForm,), {"resource": resource})
    made: Any = forms.modelform_factory(resource.model, form=base, fields=names, formfield_callback=make_field)
    return cast("type[RecordForm]", made)


def _relation_field(resource: Resource, item: ResourceField) -> RelationField:
    column = item.column
    return RelationField(
        resource.target(item), required=column.required, label=column.title, help_text=column.help_text
    )


def _plain_field(item: ResourceField, options: dict[str, Any]) -> forms.Field:
    if isinstance(item.model_field, models.URLField):
        options["assume_scheme"] = "https"
    if isinstance(item.model_field, models.JSONField):
        options["decoder"] = JSONText
    field = cast("forms.Field", item.model_field.formfield(**options))
    if control := control_for(field):
        control.attrs = {**field.widget_attrs(control), **control.attrs}
        control.is_required = field.required
        field.widget = control
    if isinstance(field, forms.DateTimeField):
        field.help_text = f"{field.help_text} Times are in {settings.TIME_ZONE}.".strip()
    if currency := item.settings.get("currency"):
        field.label = f"{field.label} ({currency})"
    return field
