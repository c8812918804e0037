"""Pickers: what related records and members of the project are chosen with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from core.members import FORMER_MEMBER, Member
from core.tenancy import Door, TenancyError
from dynamic_crud.factory import DynamicRow
from dynamic_crud.links import MAX_LINKS
from dynamic_crud.querysets import all_rows, find_choices
from dynamic_crud.resources import Resource

PICKER_OPTIONS: Final = 50
"""How many related records a picker offers before it asks the server for more."""

NOTHING: Final = "None"
"""What people choose for nothing, where that is possible."""

CHOOSE: Final = "Choose"
"""What stands where something has to be chosen."""


class RelationSelect(forms.Select):
    """A select of related records. A script turns it into a search box; without one it still selects."""

    takes_one: ClassVar[bool] = True

    def offer(
        self, choices: Iterable[tuple[str, str]], search_url: str, *, has_more: bool, none: str = NOTHING
    ) -> None:
        """Sets what can be chosen, before rendering.

        Args:
            choices: pairs of id and label.
            search_url: the address that finds others.
            has_more: whether there are others.
            none: what stands for no record.
        """
        self.choices = [*([("", none)] if self.takes_one else []), *choices]
        self.attrs |= {"data-picker": search_url}
        if none != NOTHING:
            self.attrs["data-picker-none"] = none
        if has_more:
            self.attrs["data-picker-more"] = ""


class LinksSelect(RelationSelect, forms.SelectMultiple):
    """A select of any number of related records. A script turns it into chips and a search box that adds to them."""

    takes_one = False


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

    def clean(self, value: Any) -> Any:
        """The chosen row, or None; raises `ValidationError`. The door must be open."""
        text = super().clean(value)
        if text in self.empty_values:
            return None
        row = self._rows([text]).get(text)
        if row is None and self.chosen and str(self.chosen) == text:
            return self.target.model(pk=self.chosen)  # a policy hides it, and it may stay chosen
        if row is None:
            raise ValidationError(self.error_messages["missing"], code="missing")
        return row

    def offer_choices(self, value: Any, search_url: str) -> None:
        """Fills the widget: the first records, and the chosen ones wherever they stand. The door must be open."""
        found = find_choices(self.target, self._alias, "", PICKER_OPTIONS + 1)
        choices = dict(found[:PICKER_OPTIONS])
        chosen = [text for text in self._texts(value) if text not in choices]
        rows = self._rows(chosen)
        # A chosen row that a policy hides keeps its place, without its name.
        choices |= {text: str(rows.get(text, "A record that you cannot see")) for text in chosen}
        widget = cast("RelationSelect", self.widget)
        none = CHOOSE if self.required else NOTHING
        widget.offer(choices.items(), search_url, has_more=len(found) > PICKER_OPTIONS, none=none)

    def offer_new(self, create_url: str) -> None:
        """Lets people make a record to choose, at this address, without leaving the form."""
        title = self.target.title_field
        self.widget.attrs |= {"data-picker-new": create_url, "data-picker-label": self.target.table.label.lower()}
        if title and title.type.searchable:
            self.widget.attrs["data-picker-title"] = title.column.name

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ids are compared as text, whatever their order."""
        return set(self._texts(initial)) != set(self._texts(data))

    @property
    def _alias(self) -> str:
        if self.door is None:
            raise TenancyError("A picker was used outside of a door.")
        return self.door.alias

    def _texts(self, value: Any) -> list[str]:
        """The ids in a value of the field."""
        return [] if value in self.empty_values else [str(value)]

    def _rows(self, texts: Iterable[str]) -> dict[str, DynamicRow]:
        """The rows that the door shows, by the ids as they were given."""
        ids = {text: pk for text in texts if (pk := read_id(text))}
        if not ids:
            return {}
        found = all_rows(self.target, self._alias).in_bulk(list(ids.values()))
        return {text: found[pk] for text, pk in ids.items() if pk in found}


class LinksField(RelationField):
    """A choice of any number of rows of another table. Those that the door hides stay linked, whatever is chosen."""

    widget = LinksSelect
    default_error_messages = {"too_many": f"At most {MAX_LINKS} records can be linked."}

    def prepare_value(self, value: Any) -> list[str]:
        """What the select shows as chosen."""
        return self._texts(value)

    def clean(self, value: Any) -> list[DynamicRow]:
        """The chosen rows; raises `ValidationError`. The door must be open."""
        texts = self._texts(forms.Field.clean(self, value))
        if len(texts) > MAX_LINKS:
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        rows = self._rows(texts)
        if len(rows) < len(texts):
            raise ValidationError(self.error_messages["missing"], code="missing")
        return list(rows.values())

    def _texts(self, value: Any) -> list[str]:
        """The ids of rows, or of what a form or an address brought, each once."""
        given = value.split(",") if isinstance(value, str) else value or []
        return list(dict.fromkeys(str(each.pk if isinstance(each, DynamicRow) else each) for each in given))


class MemberField(forms.TypedChoiceField):
    """A choice among the members of the project. Whoever was one may stay chosen."""

    default_error_messages = {"invalid_choice": "There is no such member of this project."}

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, empty_value=None, **options)

    def enter(self, members: Mapping[UUID, Member], chosen: UUID | None) -> None:
        """Gives the field the members, and who is chosen before the form is filled in."""
        names = {member.id: member.name for member in members.values()}
        if chosen:
            names.setdefault(chosen, FORMER_MEMBER)
        none = CHOOSE if self.required else NOTHING
        self.choices = [("", none), *((str(pk), name) for pk, name in names.items())]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Ids are compared as text."""
        return str(initial or "") != str(data or "")


def read_id(text: str) -> UUID | None:
    """The id that a text is; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
