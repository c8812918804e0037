"""Files of records: how they are chosen in forms, and where they are stored."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict


def stored_as(file_id: str) -> str:
    """The name of a file in the storage. Nobody can guess it, and only a view reads it."""
    return f"attachments/{file_id}"


def accepts(kinds: Iterable[str], file: UploadedFile) -> bool:
    """Whether a file is of one of the kinds, such as `image/*` or `.pdf`. No kinds accept all."""
    name, media_type = (file.name or "").lower(), file.content_type or ""
    wanted = list(kinds)
    return not wanted or any(
        name.endswith(kind)
        if kind.startswith(".")
        else media_type == kind
        or (kind.endswith("/*") and media_type.startswith(kind.removesuffix("*")))
        for kind in wanted
    )


class FilesInput(forms.FileInput):
    """Chooses files to add, and files to remove."""

    template_name = "crud/widgets/files.html"
    allow_multiple_selected = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        files = value if isinstance(value, list) else []
        context["files"] = [file for file in files if isinstance(file, dict)]
        context["removal_name"] = self.removal_name(name)
        context["widget"]["attrs"]["multiple"] = True
        context["widget"]["attrs"]["required"] = False
        return context

    def format_value(self, value: Any) -> None:
        return None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        uploads = files.getlist(name) if isinstance(files, MultiValueDict) else []
        key = self.removal_name(name)
        removed = data.getlist(key) if isinstance(data, MultiValueDict) else []
        return uploads, set(removed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def removal_name(self, name: str) -> str:
        return f"{name}-remove"


class FilesFormField(forms.FileField):
    """The files that a record has after the form: those that stay, and those that are uploaded."""

    widget = FilesInput

    def __init__(self, *, accept: Iterable[str] = (), **options: Any) -> None:
        for name in ("encoder", "decoder", "max_length"):
            options.pop(name, None)
        super().__init__(**options)
        if kinds := ",".join(accept):
            self.widget.attrs["accept"] = kinds

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads, removed = data or ([], set())
        kept = [file for file in initial or [] if file["id"] not in removed]
        files = [*kept, *uploads]
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        return files or None

    def has_changed(self, initial: Any, data: Any) -> bool:
        uploads, removed = data or ([], set())
        return bool(uploads or removed)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial
