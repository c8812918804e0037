"""What people type into: the browser's own controls, and what we make of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dateparse import parse_duration

from dynamic_crud.resources import ResourceField
from dynamic_crud.wording import hours
from schemas.column_types.phone import PhoneType
from schemas.column_types.rich_text import TAGS, RichTextField, sanitised


class DateInput(forms.DateInput):
    """The browser's date control, which wants ISO dates whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's date and time control, to the second."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": "1", **(attrs or {})}, format="%Y-%m-%dT%H:%M:%S")


class TimeInput(forms.TimeInput):
    """The browser's time control, to the second."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": "1", **(attrs or {})}, format="%H:%M:%S")


class JSONInput(forms.Textarea):
    """JSON as text; nothing at all where there is none, instead of `null`."""

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 6, "spellcheck": "false", "class": "vc-mono"})

    def format_value(self, value: Any) -> str | None:
        """What the text area holds."""
        return "" if value == "null" else super().format_value(value)


class DurationInput(forms.TextInput):
    """A duration as text, in hours whatever their number: `51:04:05`."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"placeholder": "1h 30m", "spellcheck": "false", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """What the input holds. What cannot be read stays as it was typed."""
        text = super().format_value(value)
        try:
            read = parse_duration(text) if text else None
        except (ValueError, OverflowError):  # longer than Python can count
            return text
        return text if read is None else hours(read)


class RichTextInput(forms.Textarea):
    """Formatted text. A script turns the text area into an editor; without one it holds the HTML."""

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 8, "data-rich-text": " ".join(sorted(TAGS))})

    def format_value(self, value: Any) -> str | None:
        """What the text area holds. The row may have been written by others than us."""
        text = super().format_value(value)
        return sanitised(text) if text else text


class OptionBoxes(forms.CheckboxSelectMultiple):
    """Options to tick, as chips."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": "vc-options"})


class LinesField(forms.CharField):
    """Text of many lines. Browsers send line breaks as CR LF, whatever they were; that alone changes nothing."""

    def to_python(self, value: Any) -> Any:
        """The text with the line breaks that programs write."""
        return _with_plain_breaks(super().to_python(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Line breaks of either kind are the same."""
        return super().has_changed(_with_plain_breaks(initial), data)


def control_for(field: forms.Field, item: ResourceField | None = None) -> forms.Widget | None:
    """The control of a form field where Django's own choice is not the best one; None where it is.

    Args:
        field: the form field.
        item: the column whose values are entered; None for a filter.
    """
    match field:
        case forms.DateTimeField():
            return DateTimeInput()
        case forms.DateField():
            return DateInput()
        case forms.TimeField():
            return TimeInput()
        case forms.DurationField():
            return DurationInput()
        case forms.DecimalField() | forms.FloatField():
            return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
        case forms.JSONField():
            return JSONInput()
        case forms.MultipleChoiceField() if item:
            boxes = OptionBoxes()
            boxes.choices = field.choices  # type: ignore[assignment]  # a lazy list is as good as a list
            return boxes
        case forms.CharField() if item:
            return _text_control(field, item)
    return None


def _text_control(field: forms.CharField, item: ResourceField) -> forms.Widget | None:
    if isinstance(item.model_field, RichTextField):
        return RichTextInput()
    if isinstance(item.type, PhoneType):
        return forms.TextInput(attrs={"type": "tel"})
    return forms.Textarea(attrs={"rows": 5}) if isinstance(field.widget, forms.Textarea) else None


def _with_plain_breaks(text: Any) -> Any:
    return text.replace("\r\n", "\n") if isinstance(text, str) else text
