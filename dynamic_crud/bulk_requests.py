"""What a call about many records asks for: which of them, and what becomes of them.

Records are named by their ids, or by the search and the filters of a list together with the number of records that the
caller has seen: nobody changes or deletes more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from core.errors import BadRequest, fault, problem_from, refusal
from dynamic_crud.edits import Change
from dynamic_crud.listing import ListQuery, Shape, read_shape
from dynamic_crud.pointers import Values
from dynamic_crud.resources import Resource
from dynamic_crud.serializers import partial_reader, read_values

BULK_LIMIT: Final = 1000
"""How many records one call may create, change or delete."""

LINK_LIMIT: Final = 10_000
"""How many links the records of one call may have together."""

_PAGING: Final = ("ordering", "page", "page_size", "cursor", "count", "aggregate")


@dataclass(frozen=True, slots=True)
class Named:
    """Records by their ids, each with the JSON path where it stands."""

    ids: tuple[UUID, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """All records that a question finds, and how many the caller expects these to be."""

    query: ListQuery
    expected: int


@dataclass(frozen=True, slots=True)
class ListedChanges:
    """Changes of records, each with values of its own."""

    changes: tuple[Change, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class SameChange:
    """The same values for all records that a question finds."""

    which: Matching
    values: Values


def read_deletion(resource: Resource, body: Any, parameters: QueryDict) -> Named | Matching:
    """Which records to delete: `{"ids": [...]}` in the body, or else the query; raises `BadRequest`."""
    if body is None or body == {}:
        return _read_matching(resource, parameters)
    members = _members(body, ("ids",), "the list's filters and `expected` in the query")
    read_shape(resource, parameters)
    return _read_ids(members["ids"])


def read_update(resource: Resource, body: Any, parameters: QueryDict) -> ListedChanges | SameChange:
    """Which records to change, and how; raises `BadRequest` that names every place that is wrong.

    Args:
        resource: the table.
        body: a list of records with their ids and the values that change; or `{"ids": [...], "values": {...}}`; or
            `{"values": {...}}` for all records that the query finds.
        parameters: the query; with ids its `expand` and `fields` alone.
    """
    if isinstance(body, list):
        shape = read_shape(resource, parameters)
        return ListedChanges(tuple(_read_listed(resource, body)), shape)
    members = _members(body, ("values",), 'a list of records, each with its id, or {"ids": [...], "values": {...}}')
    if "ids" in members:
        shape = read_shape(resource, parameters)
        named = _read_ids(members["ids"])
        values = _read_values(resource, members["values"], len(named.ids))
        pairs = zip(named.ids, named.paths, strict=True)
        return ListedChanges(tuple(Change(pk, values, "$.values", path) for pk, path in pairs), shape)
    which = _read_matching(resource, parameters)
    return SameChange(which, _read_values(resource, members["values"], which.expected))


def check_size(given: Sequence[Any], path: str = "$") -> None:
    """Refuses a list of none or too many."""
    if not 1 <= len(given) <= BULK_LIMIT:
        detail = f"The list has {len(given):,} entries; one call takes 1 to {BULK_LIMIT:,}."
        raise refusal("invalid_length", path, detail, "Send several calls.")


def check_links(resource: Resource, rows: Iterable[Values]) -> None:
    """Refuses rows that link to more than one call can make."""
    linked = sum(len(row.get(item.column.name) or ()) for row in rows for item in resource.links)
    if linked > LINK_LIMIT:
        raise BadRequest(f"The records have {linked:,} links; one call can make {LINK_LIMIT:,} of them.")


def _read_listed(resource: Resource, body: Sequence[Any]) -> list[Change]:
    check_size(body)
    ids = _read_uuids(
        [row.get("id") if isinstance(row, Mapping) else row for row in body],
        lambda index: f"$[{index}].id" if isinstance(body[index], Mapping) else f"$[{index}]",
    )
    rows = partial_reader(resource).read_all(body)
    check_links(resource, rows)
    pairs = enumerate(zip(ids, rows, strict=True))
    return [Change(pk, values, f"$[{index}]", f"$[{index}].id") for index, (pk, values) in pairs]


def _read_ids(given: Any) -> Named:
    if not isinstance(given, list):
        raise refusal("invalid", "$.ids", "ids has to be a list of ids of records.", "Send a list.")
    check_size(given, "$.ids")
    ids = _read_uuids(given, lambda index: f"$.ids[{index}]")
    return Named(tuple(ids), tuple(f"$.ids[{index}]" for index in range(len(ids))))


def _read_uuids(given: Sequence[Any], path: Callable[[int], str]) -> list[UUID]:
    """The ids, each once; raises `BadRequest` with an entry for every one that is not right."""
    found: dict[UUID, int] = {}
    faults = []
    for index, text in enumerate(given):
        try:
            pk = UUID(text) if isinstance(text, str) else None
        except ValueError:
            pk = None
        if pk is None:
            detail = "The id is missing." if text is None else "This is not the id of a record: ids are UUIDs."
            faults.append(fault("invalid_id", path(index), detail, "Send the id as the list shows it."))
        elif found.setdefault(pk, index) != index:
            detail = f"The id {pk} stands at {path(found[pk])} already."
            faults.append(fault("repeated", path(index), detail, "Name each record once."))
    if faults:
        raise BadRequest("Some ids cannot be used; `errors` says which.", code="invalid_values", errors=faults)
    return list(found)


def _read_values(resource: Resource, given: Any, count: int) -> Values:
    if not isinstance(given, Mapping) or not given:
        raise refusal("invalid", "$.values", "values has to be an object with at least one field.", "Name a field.")
    try:
        values: Values = read_values(resource, given, partial=True)
    except ValidationError as error:
        problem = problem_from(error)
        faults = [{**fault, "path": f"$.values{fault['path'].removeprefix('$')}"} for fault in problem.errors]
        raise BadRequest(problem.detail, code=problem.code, errors=faults) from error
    check_links(resource, [values] * count)
    return values


def _read_matching(resource: Resource, parameters: QueryDict) -> Matching:
    given = parameters.copy()
    text = ",".join(given.pop("expected", []))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= BULK_LIMIT):
        detail = f"Send the number of records that the list shows, 1 to {BULK_LIMIT:,}: no more than these are touched."
        raise refusal("invalid_expected", "query.expected", detail, "Send `expected`, or name records by `ids`.")
    for name in _PAGING:
        if name in given:
            detail = f"{name} says nothing here: all records that match are meant."
            raise refusal("unknown_parameter", f"query.{name}", detail, "Leave it out.")
    return Matching(ListQuery.read(resource, given), int(text))


def _members(body: Any, needed: tuple[str, ...], other: str) -> Mapping[str, Any]:
    """The body as an object with these members, beside which `ids` may be; raises `BadRequest`."""
    known = dict.fromkeys(("ids", *needed))
    if not isinstance(body, Mapping):
        detail = f"The body has to be an object with {' and '.join(known)}, or you send {other}."
        raise refusal("invalid", "$", detail, "See the documentation of this call.")
    faults = [
        fault("unknown_field", f"$.{str(name)[:80]}", f"There is no field {str(name)[:80]!r} here.", "Leave it out.")
        for name in body
        if name not in known
    ]
    faults += [
        fault("required", f"$.{name}", f"{name} is missing.", f"Send {name}.") for name in needed if name not in body
    ]
    if faults:
        raise BadRequest(
            "The body is not of the right form; `errors` says where.", code="invalid_values", errors=faults
        )
    return body
