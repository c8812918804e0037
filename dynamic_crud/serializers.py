"""Records as JSON: DRF serializers derived from the models, so that they say what the models say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.fields import SkipField, empty, get_error_detail
from rest_framework.settings import api_settings

from dynamic_crud.api_fields import api_field
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import MAX_LINKS
from dynamic_crud.resources import Resource, ResourceField, derived
from schemas.column_types.auto_number import AutoNumberField
from schemas.document import SYSTEM_COLUMNS

_Texts = dict[str, dict[str, Any]]


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
        return self._read(data, {}) if isinstance(data, Mapping) else super().to_internal_value(data)

    def read_all(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Validates records as DRF does lists of them, but texts that repeat in a column once.

        Raises:
            ValidationError: with what is wrong with each record, in their order.
        """
        texts: _Texts = {name: {} for name, *_ in self._entries}
        values: list[dict[str, Any]] = []
        faults: list[Any] = []
        for row in rows:
            try:
                values.append(self._read(row, texts) if isinstance(row, Mapping) else self.run_validation(row))
                faults.append({})
            except serializers.ValidationError as error:
                faults.append(error.detail)
        if any(faults):
            raise serializers.ValidationError(faults)
        return values

    @cached_property
    def _entries(self) -> list[tuple[str, serializers.Field[Any, Any, Any, Any], bool, bool]]:
        """The fields that are read: whether each may be left out, and whether it is a text that may be nothing."""
        return [
            (
                name,
                field,
                self.partial or not (field.required or field.default is not empty),
                bool(getattr(field, "allow_blank", False)),
            )
            for name, field in self.fields.items()
            if not field.read_only
        ]

    def _read(self, data: Mapping[str, Any], texts: _Texts) -> dict[str, Any]:
        """What DRF's own does, without an exception for every field that is left out.

        Args:
            data: a record.
            texts: values by the texts that they were read from, by field; what is read here is added. A field that it
                lacks is read each time.
        """
        self._refuse_unknown(data)
        values: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, field, may_lack, is_optional_text in self._entries:
            given = data.get(name, empty)
            if given is empty and may_lack:
                continue
            known = texts.get(name) if type(given) is str else None
            if known is not None and given in known:
                values[name] = known[given]
                continue
            try:
                value = field.run_validation(given)
            except serializers.ValidationError as error:
                faults[name] = error.detail
            except DjangoValidationError as error:
                faults[name] = get_error_detail(error)
            except SkipField:
                pass
            else:
                # Nothing is null, as in forms: an empty text would be a second kind of nothing.
                values[name] = None if value == "" and is_optional_text else value
                if known is not None:
                    known[given] = values[name]
        if faults:
            raise serializers.ValidationError(faults)
        return values

    def _refuse_unknown(self, data: Mapping[str, Any]) -> None:
        known = self.fields.fields
        unknown = [str(name)[:80] for name in data if name not in known]
        if unknown:
            settable = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            errors = {name: [f"There is no such field. Fields: {settable}."] for name in unknown}
            raise serializers.ValidationError(errors, code="unknown_field")


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


@derived
def partial_reader(resource: Resource) -> RecordSerializer:
    """The same for records of which some values may be left out."""
    return serializer_class(resource)(partial=True)


def read_values(resource: Resource, data: Any, *, partial: bool = False) -> dict[str, Any]:
    """A record's values, validated.

    Args:
        resource: its table.
        data: what a caller sent.
        partial: whether required values may be left out.

    Raises:
        ValidationError: DRF's, with what is wrong with each field.
    """
    if data is None:
        raise serializers.ValidationError({api_settings.NON_FIELD_ERRORS_KEY: ["No data provided"]}, code="null")
    values: dict[str, Any] = (partial_reader if partial else reader)(resource).to_internal_value(data)
    return values


def represent(resource: Resource, row: DynamicRow) -> dict[str, Any]:
    """A record as JSON data, as its values are in Python: those of a form may not be stored yet."""
    return dict(reader(resource).to_representation(row))


def _described(item: ResourceField) -> dict[str, Any]:
    return {**_requirement(item), "label": item.column.title, "help_text": item.column.help_text or None}


def _requirement(item: ResourceField) -> dict[str, Any]:
    column = item.column
    return {"required": column.required and column.default is None, "allow_null": not column.required}
