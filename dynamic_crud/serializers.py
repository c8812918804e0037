"""Records as JSON: DRF serializers derived from the models, so that they say what the models say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from dynamic_crud.factory import DynamicRow
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.document import SYSTEM_COLUMNS


class RecordSerializer(serializers.ModelSerializer[DynamicRow]):
    """A flat record. Unknown fields are refused; those that the product sets itself are ignored on input."""

    def to_internal_value(self, data: Any) -> Any:
        """Validates a record's fields; raises DRF's `ValidationError`."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        known = self.fields.keys()
        unknown = [str(name)[:80] for name in data if name not in known]
        if unknown:
            settable = ", ".join(name for name in known if name not in SYSTEM_COLUMNS)
            errors = {name: [f"There is no such field. Fields: {settable}."] for name in unknown}
            raise serializers.ValidationError(errors, code="unknown_field")
        values = super().to_internal_value(data)
        # Nothing is null, as in forms: an empty text would be a second kind of nothing.
        return {name: None if value == "" and self._is_optional_text(name) else value for name, value in values.items()}

    def _is_optional_text(self, name: str) -> bool:
        return bool(getattr(self.fields[name], "allow_blank", False))


@derived
def serializer_class(resource: Resource) -> type[RecordSerializer]:
    """The serializer of a resource's records."""
    columns = [item.column.name for item in resource.fields]
    meta = {
        "model": resource.model,
        "fields": ["id", *columns, "user_id", "created_at", "updated_at"],
        "read_only_fields": list(SYSTEM_COLUMNS),
        "extra_kwargs": {item.column.name: _requirement(item) for item in resource.fields},
        "validators": [],  # uniqueness is PostgreSQL's to judge
    }
    relations = {
        item.column.name: serializers.UUIDField(
            **_requirement(item), label=item.column.title, help_text=item.column.help_text or None
        )
        for item in resource.relations
    }
    name = f"{resource.model.__name__}Serializer"
    return type(name, (RecordSerializer,), {**relations, "Meta": type("Meta", (), meta)})


@derived
def _reader(resource: Resource) -> RecordSerializer:
    """One serializer for all reading: it keeps nothing of what it reads, and making one costs more than a row."""
    return serializer_class(resource)()


def represent(resource: Resource, row: DynamicRow, expand: Iterable[str] = ()) -> dict[str, Any]:
    """A record as JSON data; relations in `expand` as objects of what they point to."""
    data: dict[str, Any] = dict(_reader(resource).to_representation(row))
    for column in expand:
        relation = resource.by_column[column]
        if data[column] is not None:
            data[column] = _related(resource.target(relation), data[column], relation.value(row))
    return data


def _related(target: Resource, record_id: str, row: DynamicRow | None) -> dict[str, Any]:
    if row is None:  # a policy hides it
        return {"id": record_id, "label": None}
    return {**represent(target, row), "label": str(row)}


def _requirement(item: ResourceField) -> dict[str, Any]:
    column = item.column
    return {"required": column.required and column.default is None, "allow_null": not column.required}
