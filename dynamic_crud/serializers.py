"""Records as JSON: DRF serializers derived from the models, so that they say what the models say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from core.members import Member, member_name
from dynamic_crud.api_fields import api_field
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import MAX_LINKS
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.column_types.auto_number import AutoNumberField
from schemas.document import SYSTEM_COLUMNS


class RecordSerializer(serializers.ModelSerializer[DynamicRow]):
    """A flat record. Unknown fields are refused; those that the product sets itself are ignored on input."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        AutoNumberField: serializers.CharField,
    }

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """DRF's own field for a column, or ours."""
        usual, options = super().build_standard_field(field_name, model_field)
        return api_field(model_field, usual, options)

    def to_internal_value(self, data: Any) -> Any:
        """Validates a record's fields; raises DRF's `ValidationError`."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        known = self.fields.keys()
        unknown = [str(name)[:80] for name in data if name not in known]
        if unknown:
            settable = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            errors = {name: [f"There is no such field. Fields: {settable}."] for name in unknown}
            raise serializers.ValidationError(errors, code="unknown_field")
        values = super().to_internal_value(data)
        # Nothing is null, as in forms: an empty text would be a second kind of nothing.
        return {name: None if value == "" and self._is_optional_text(name) else value for name, value in values.items()}

    def _is_optional_text(self, name: str) -> bool:
        return bool(getattr(self.fields[name], "allow_blank", False))


class LinkedIds(serializers.ListField):
    """The ids of the rows that a record links to. None at all is an empty list, on its way in also null."""

    child = serializers.UUIDField()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_LINKS, **options)

    def get_attribute(self, instance: DynamicRow) -> list[UUID]:
        """The ids, which were fetched with the record."""
        return [row.pk for row in getattr(instance, str(self.source)).all()]


@derived
def serializer_class(resource: Resource) -> type[RecordSerializer]:
    """The serializer of a resource's records."""
    columns = [item.column.name for item in resource.fields]
    meta = {
        "model": resource.model,
        "fields": ["id", *columns, "user_id", "created_at", "updated_at"],
        "read_only_fields": [*SYSTEM_COLUMNS, *(item.column.name for item in resource.fields if item.type.numbered)],
        "extra_kwargs": {item.column.name: _requirement(item) for item in resource.fields},
        "validators": [],  # uniqueness is PostgreSQL's to judge
    }
    relations: dict[str, Any] = {
        item.column.name: (serializers.UUIDField if item.column.is_stored else LinkedIds)(**_described(item))
        for item in (*resource.relations, *resource.links)
    }
    name = f"{resource.model.__name__}Serializer"
    return type(name, (RecordSerializer,), {**relations, "Meta": type("Meta", (), meta)})


@derived
def reader(resource: Resource) -> RecordSerializer:
    """One serializer for all reading: it keeps nothing of what it reads, and making one costs more than a row."""
    return serializer_class(resource)()


def represent(
    resource: Resource,
    row: DynamicRow,
    expand: Iterable[str] = (),
    members: Mapping[UUID, Member] | None = None,
    fields: Collection[str] = (),
) -> dict[str, Any]:
    """A record as JSON data.

    Args:
        resource: its table.
        row: the record, fetched with what `expand` names.
        expand: relations and members to answer as objects of what they point to.
        members: who the project's members are, where one of them is expanded.
        fields: the only fields to show; all of them where none are named.
    """
    data: dict[str, Any] = dict(reader(resource).to_representation(row))
    for column in expand:
        if data[column] is not None:
            data[column] = _expanded(resource, resource.by_column[column], row, data[column], members or {})
    return {name: data[name] for name in fields} if fields else data


def _expanded(
    resource: Resource, item: ResourceField, row: DynamicRow, ids: Any, members: Mapping[UUID, Member]
) -> Any:
    if not item.column.is_relation:
        return {"id": ids, "label": member_name(members, item.value(row))}
    target, value = resource.target(item), item.value(row)
    if not item.column.is_stored:
        return [_labelled(target, each) for each in value]
    # Where a policy hides the row, its id is all there is to say.
    return _labelled(target, value) if value is not None else {"id": ids, "label": None}


def _labelled(target: Resource, row: DynamicRow) -> dict[str, Any]:
    return {**represent(target, row), "label": str(row)}


def _described(item: ResourceField) -> dict[str, Any]:
    return {**_requirement(item), "label": item.column.title, "help_text": item.column.help_text or None}


def _requirement(item: ResourceField) -> dict[str, Any]:
    column = item.column
    return {"required": column.required and column.default is None, "allow_null": not column.required}
