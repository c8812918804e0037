"""Two people with the same record open: what each of them changed, side by side, so that nobody overwrites the other.

A form carries what its record was when it was opened. When it comes back and the record is another one by then, the
three are compared field by field: before, theirs, mine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError

from core.members import Member, member_name
from dynamic_crud.factory import DynamicRow
from dynamic_crud.forms import RecordForm
from dynamic_crud.querysets import fetch_labels
from dynamic_crud.resources import Resource, ResourceField
from dynamic_crud.serializers import represent
from dynamic_crud.wording import file_names, title_reader
from schemas.column_types.attachment import FilesField
from schemas.column_types.user import UserField

BASE: Final = "_base"
"""The hidden input with what the record was. No column's name begins with an underscore, here and below."""
TAKE: Final = "_take-"
"""Begins the names of the choices between theirs and mine."""
THEIRS: Final = "theirs"

_LONGEST_KEPT: Final = 2000
"""Characters of a value in JSON that a form carries whole; of longer ones it carries what tells them apart."""
_DIGEST: Final = "_digest"
_UNSEEN: Final = "A record that you cannot see"

Values = Mapping[str, Any]
"""A record as JSON data, by column."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the two disagree about.

    Args:
        name: the field's, in the form.
        title: what people call it.
        before: what it was when the form was opened, in words; None where that is not known.
        theirs: what somebody else made of it, in words.
        mine: what the form has, in words.
        is_mine: whether the form changed it: then that is proposed.
        is_conflict: whether both changed it.
    """

    name: str
    title: str
    before: str | None
    theirs: str
    mine: str
    is_mine: bool
    is_conflict: bool


def values_of(resource: Resource, row: DynamicRow) -> dict[str, Any]:
    """A record as it is compared. Call it inside the door."""
    data = represent(resource, row)
    return {item.column.name: _comparable(item, data[item.column.name]) for item in resource.fields} | {
        "updated_at": data["updated_at"]
    }


def values_in(form: RecordForm) -> dict[str, Any]:
    """What a valid form would change. Call it inside the door."""
    resource = form.resource
    data = represent(resource, form.instance)
    for item in resource.links:
        if item.name in form.cleaned_data:
            data[item.column.name] = [str(row.pk) for row in form.cleaned_data[item.name]]
    changed = (item for item in resource.fields if item.name in form.changed_data)
    return {item.column.name: _comparable(item, data[item.column.name]) for item in changed}


def left_to_them(resource: Resource, data: Mapping[str, Any]) -> list[str]:
    """The fields of which somebody chose what was saved meanwhile."""
    return [item.name for item in resource.fields if not item.type.numbered and data.get(TAKE + item.name) == THEIRS]


def packed(record_id: UUID, values: Values) -> str:
    """What a form carries of its record."""
    return signing.dumps({name: _short(value) for name, value in values.items()}, salt=_salt(record_id), compress=True)


def unpacked(record_id: UUID, text: str) -> dict[str, Any] | None:
    """What a form carried; None where it is nothing of ours."""
    try:
        found: dict[str, Any] = signing.loads(text, salt=_salt(record_id))
    except signing.BadSignature:
        return None
    return found


@dataclass(frozen=True, slots=True)
class Merge:
    """Three states of a record, as they are compared, where somebody else saved it since its form was opened.

    Args:
        resource: its table.
        before: what the form carried; None where that cannot be read.
        theirs: the record as it is.
        mine: what the form would save.
        differences: what is another in the form than in the record, as soon as it was asked for.
    """

    resource: Resource
    before: Values | None
    theirs: Values
    mine: Values
    differences: tuple[Difference, ...] = ()

    @classmethod
    def of(cls, form: RecordForm, data: Mapping[str, Any], theirs: Values) -> Merge | None:
        """What a valid form meets; None where nobody else saved the record. Call it inside the door.

        Args:
            form: the form.
            data: what was sent. Without what our page carries, whoever sends it says what becomes of the record.
            theirs: the record as it was before the form was read.
        """
        if BASE not in data:
            return None
        before = unpacked(form.instance.pk, str(data[BASE]))
        if before is not None and before.get("updated_at") == theirs["updated_at"]:
            return None
        return cls(form.resource, before, theirs, {**theirs, **values_in(form)})

    def in_words(self, alias: str, members: Mapping[UUID, Member]) -> Merge:
        """The same with its differences. Call it inside the door."""
        found = (
            self._difference(item, alias, members)
            for item in self.resource.fields
            if not item.type.numbered and self.theirs[item.column.name] != self.mine[item.column.name]
        )
        return replace(self, differences=tuple(found))

    def _difference(self, item: ResourceField, alias: str, members: Mapping[UUID, Member]) -> Difference:
        name = item.column.name
        theirs, mine = self.theirs[name], self.mine[name]

        def told(value: Any) -> str:
            return _in_words(self.resource, item, value, alias, members)

        before = (self.before or {}).get(name, _short(theirs))
        is_mine, is_theirs = before != _short(mine), before != _short(theirs)
        known = self.before is not None and not (isinstance(before, dict) and _DIGEST in before)
        return Difference(
            name=item.name,
            title=item.column.title,
            before=told(before) if known else None,
            theirs=told(theirs),
            mine=told(mine),
            is_mine=is_mine,
            is_conflict=is_mine and is_theirs,
        )


def _comparable(item: ResourceField, value: Any) -> Any:
    """JSON as it is after a round trip. Links have no order."""
    plain = json.loads(json.dumps(value, default=str))
    return plain if item.column.is_stored else sorted(plain or [])


def _short(value: Any) -> Any:
    text = json.dumps(value)
    return value if len(text) <= _LONGEST_KEPT else {_DIGEST: blake2b(text.encode(), digest_size=16).hexdigest()}


def _salt(record_id: UUID) -> str:
    return f"record:{record_id}"


def _in_words(resource: Resource, item: ResourceField, value: Any, alias: str, members: Mapping[UUID, Member]) -> str:
    if value is None or value in ("", []):
        return ""
    if item.column.is_relation:
        ids = [UUID(each) for each in ([value] if isinstance(value, str) else value)]
        labels = fetch_labels(resource.target(item), alias, ids)
        return ", ".join(labels.get(pk, _UNSEEN) for pk in ids)
    if isinstance(item.model_field, UserField):
        return member_name(members, UUID(value))
    if isinstance(item.model_field, FilesField):
        return file_names(value)
    if isinstance(value, dict | list) and dict in item.type.json_types:
        return json.dumps(value, ensure_ascii=False, indent=2)
    try:
        read = item.model_field.to_python(value)
    except ValidationError:
        return str(value)
    return title_reader(item.column)(read)
