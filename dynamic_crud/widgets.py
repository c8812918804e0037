"""What people type into: the browser's own controls, and a picker for related records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from core.tenancy import Door, TenancyError
from dynamic_crud.factory import DynamicRow
from dynamic_crud.querysets import all_rows, find_choices
from dynamic_crud.resources import Resource

PICKER_OPTIONS: Final = 50
"""How many related records a picker offers before it asks the server for more."""


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


class RelationSelect(forms.Select):
    """A select of related records. A script turns it into a search box; without one it still selects."""

    def offer(self, choices: Iterable[tuple[str, str]], search_url: str, *, has_more: bool) -> None:
        """Sets what can be chosen, before rendering.

        Args:
            choices: pairs of id and label.
            search_url: the address that finds others.
            has_more: whether there are others.
        """
        self.choices = [("", "---------"), *choices]
        self.attrs |= {"data-picker": search_url}
        if has_more:
            self.attrs["data-picker-more"] = ""


class RelationField(forms.Field):
    """A choice among the rows of another table that the open door shows.

    Args:
        target: the resource whose rows can be chosen.
        **options: as of every form field.
    """

    widget = RelationSelect
    default_error_messages = {"missing": "There is no such record, or it is not yours to choose."}

    def __init__(self, target: Resource, **options: Any) -> None:
        super().__init__(**options)
        self.target = target
        self.door: Door | None = None
        self.chosen: UUID | None = None

    def enter(self, door: Door, chosen: UUID | None) -> None:
        """Gives the field the open door, and what is chosen before the form is filled in."""
        self.door = door
        self.chosen = chosen

    def clean(self, value: Any) -> DynamicRow | None:
        """The chosen row; raises `ValidationError`. The door must be open."""
        text = super().clean(value)
        if text in self.empty_values:
            return None
        row = self._row(text)
        if row is None and self.chosen and str(self.chosen) == text:
            return self.target.model(pk=self.chosen)  # a policy hides it, and it may stay chosen
        if row is None:
            raise ValidationError(self.error_messages["missing"], code="missing")
        return row

    def offer_choices(self, value: Any, search_url: str) -> None:
        """Fills the widget: the first records, and the chosen one wherever it stands. The door must be open."""
        found = find_choices(self.target, self._alias, "", PICKER_OPTIONS + 1)
        choices = found[:PICKER_OPTIONS]
        if value not in self.empty_values and str(value) not in dict(choices):
            row = self._row(value)
            # A chosen row that a policy hides keeps its place, without its name.
            choices.append((str(value), str(row) if row else "A record that you cannot see"))
        cast("RelationSelect", self.widget).offer(choices, search_url, has_more=len(found) > PICKER_OPTIONS)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ids are compared as text."""
        return str(initial or "") != str(data or "")

    @property
    def _alias(self) -> str:
        if self.door is None:
            raise TenancyError("A picker was used outside of a door.")
        return self.door.alias

    def _row(self, value: Any) -> DynamicRow | None:
        try:
            record_id = UUID(str(value))
        except ValueError:
            return None
        return all_rows(self.target, self._alias).filter(pk=record_id).first()


def control_for(field: forms.Field) -> forms.Widget | None:
    """The control of a form field where Django's own choice is not the best one; None where it is."""
    match field:
        case forms.DateTimeField():
            return DateTimeInput()
        case forms.DateField():
            return DateInput()
        case forms.TimeField():
            return TimeInput()
        case forms.DecimalField() | forms.FloatField():
            return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
        case forms.JSONField():
            return JSONInput()
        case forms.CharField() if isinstance(field.widget, forms.Textarea):
            return forms.Textarea(attrs={"rows": 5})
    return None
