"""Records as JSON."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models
from rest_framework import serializers

from crud import fields


class FilesField(serializers.Field):
    """The files of a record. Uploads come as `multipart/form-data`; JSON lists those that stay."""

    def get_value(self, dictionary: Any) -> Any:
        if hasattr(dictionary, "getlist"):
            return dictionary.getlist(self.field_name) or serializers.empty
        return super().get_value(dictionary)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise serializers.ValidationError("Send a list of files.")
        record = getattr(self.parent, "instance", None)
        stored = getattr(record, self.field_name or "", None) or []
        known = {file["id"]: file for file in stored}
        found = []
        for file in data:
            if isinstance(file, UploadedFile):
                found.append(file)
            elif isinstance(file, dict) and file.get("id") in known:
                found.append(known[file["id"]])
            else:
                raise serializers.ValidationError("The record has no such file.")
        if self.required and not found:
            raise serializers.ValidationError("Send at least one file.")
        return found or None

    def to_representation(self, value: Any) -> Any:
        return value


class NumberField(serializers.Field):
    """A number that counts up, as people read it."""

    def __init__(self, *, field: fields.AutoNumberField, **options: Any) -> None:
        super().__init__(**{**options, "read_only": True})
        self.field = field

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: int) -> str:
        return self.field.shown(value)


class RecordSerializer(serializers.ModelSerializer):
    """A record with the limits of its model."""

    def build_standard_field(
        self, field_name: str, model_field: models.Field
    ) -> tuple[type, dict[str, Any]]:
        if isinstance(model_field, fields.AutoNumberField):
            return NumberField, {"field": model_field}
        found, options = super().build_standard_field(field_name, model_field)
        if isinstance(model_field, fields.FilesField):
            known = ("required", "allow_null", "label", "help_text", "validators")
            return FilesField, {key: value for key, value in options.items() if key in known}
        if isinstance(model_field, fields.OptionsField):
            options.pop("child", None)
            options["choices"] = model_field.options
            return OrderedChoices, options
        return found, options


class OrderedChoices(serializers.MultipleChoiceField):
    """Options in the order of the column; none of them is null."""

    def to_internal_value(self, data: Any) -> Any:
        chosen = super().to_internal_value(data)
        if not chosen and not self.allow_null:
            self.fail("empty")
        return [option for option in self.choices if option in chosen] or None

    def to_representation(self, value: Any) -> Any:
        return list(value)
