"""How files are chosen in a form, and named in the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from rest_framework import serializers

from dynamic_crud.attaching import Received
from dynamic_crud.resources import ResourceField
from schemas.column_types.attachment import MOST_FILES

_REMOVED: Final = "-removed"
"""Ends the name of the boxes that take files off a record. No column's name has a hyphen."""


class FilesInput(forms.Widget):
    """The files of a record, each with a box that takes it off, and a control for new ones. Works without scripts."""

    needs_multipart_form = True

    def __init__(self, item: ResourceField) -> None:
        super().__init__()
        self.settings = item.settings
        self.kept: list[dict[str, Any]] = []
        self.pending: list[dict[str, Any]] = []
        self.address: Callable[[str], str] | None = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> frozenset[str]:
        """The ids of the files to take off. What to add was stored before the form was made."""
        return frozenset(data.getlist(name + _REMOVED) if hasattr(data, "getlist") else data.get(name + _REMOVED, ()))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never: to take nothing off and to add nothing is a value too."""
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        """The browser need not ask for a new file where there is one."""
        return super().use_required_attribute(initial) and not self.kept and not self.pending

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> Any:
        """The list and the control."""
        removed = value if isinstance(value, frozenset) else frozenset()
        kept = [
            {**file, "is_removed": file["id"] in removed, "url": self.address(file["id"]) if self.address else ""}
            for file in self.kept
        ]
        context = {
            "name": name,
            "removed_name": name + _REMOVED,
            "kept": kept,
            "pending": [file for file in self.pending if file["id"] not in removed],
            "attrs": flatatt(self.build_attrs(self.attrs, attrs)),
            "settings": self.settings,
            "accept": ",".join(self.settings["accept"]),
            "kinds": [f"any {kind[:-2]}" if kind.endswith("/*") else kind for kind in self.settings["accept"]],
        }
        return render_to_string("crud/_files_input.html", context)


class AttachmentField(forms.Field):
    """The files of a record: those that it has, less those taken off, and those that arrived.

    Args:
        item: the column.
    """

    def __init__(self, item: ResourceField) -> None:
        column = item.column
        super().__init__(
            widget=FilesInput(item), required=column.required, label=column.title, help_text=column.help_text
        )
        self.most = item.settings["max_files"]
        self.current: list[dict[str, Any]] = []
        self.received = Received()

    def enter(self, current: list[dict[str, Any]] | None, received: Received) -> None:
        """Gives the field the files that the row has, and those that arrived with the form."""
        has = {file["id"] for file in current or ()}
        self.current = list(current or ())
        self.received = received
        self.widget.kept = self.current
        self.widget.pending = [file for file in received.files if file["id"] not in has]

    def show_links(self, address: Callable[[str], str]) -> None:
        """Gives the widget the addresses of the files that the row has, by their ids."""
        self.widget.address = address

    def clean(self, value: frozenset[str]) -> list[dict[str, Any]] | None:
        """All files; None for none. Raises `ValidationError`."""
        files = self._files(value)
        faults = list(self.received.faults)
        if len(files) > self.most:
            faults.append(f"That makes {len(files)} files, and at most {self.most} fit here.")
        if faults:
            raise ValidationError(faults, code="invalid")
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        return files or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether a file is taken off or added."""
        return self._files(data) != self.current

    def _files(self, removed: frozenset[str]) -> list[dict[str, Any]]:
        return [file for file in (*self.current, *self.widget.pending) if file["id"] not in removed]


class FilesOfRecord(serializers.Field[Any, Any, Any, Any]):
    """Files in the API: `[{"id": ...}]` or `["<id>"]` on their way in, all that is known of them on their way out.

    Args:
        column: the model's field.
        **options: as of every field of DRF.
    """

    default_error_messages = {
        "not_a_list": 'Give a list of files, such as [{{"id": "..."}}].',
        "no_id": "A file is named by its id, which the answer to its upload holds.",
        "twice": "The same file is listed twice.",
        "too_many": "{count} files are given where no column takes more than {most}.",
        "required": "At least one file is required.",
    }

    def __init__(self, *, column: Any, **options: Any) -> None:
        for name in ("validators", "encoder", "decoder"):
            options.pop(name, None)  # of the value in the row, which the server makes itself
        super().__init__(**options)
        self.column = column

    def to_internal_value(self, data: Any) -> list[UUID] | None:
        """The ids; None for none. Raises DRF's `ValidationError`."""
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > MOST_FILES:  # how many this column takes is said where its row is known
            self.fail("too_many", count=len(data), most=MOST_FILES)
        ids = [self._id(item) for item in data]
        if len(set(ids)) < len(ids):
            self.fail("twice")
        if not ids and not self.allow_null:
            self.fail("required")
        return ids or None

    def to_representation(self, value: Any) -> Any:
        """The list as the row has it."""
        return value

    def _id(self, item: Any) -> UUID:
        text = item.get("id") if isinstance(item, Mapping) else item
        try:
            return UUID(text) if isinstance(text, str) else self.fail("no_id")
        except ValueError:
            self.fail("no_id")
