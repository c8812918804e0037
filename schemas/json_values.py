"""JSON inside a schema document: read with its place, frozen so that nobody can change it, thawed to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

Json = Any
"""What `json.loads` returns."""

_EXACT_FLOAT: Final = 2**53
"""Up to here a float says exactly which integer is meant."""

_PLAIN: Final = frozenset({str, int, bool, type(None)})
"""Most values of a document are of these types, which need no look inside."""


class DocumentError(ValueError):
    """The document does not have the form of a schema document.

    Args:
        path: JSON path of the fault, such as `$.tables[0].columns[2].name`.
        detail: one sentence that says what was expected there.
    """

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


def freeze(value: Json) -> Json:
    """The value as data that nobody can change, with one form for each number (2.0 is 2)."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict or isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if kind is list or kind is tuple or isinstance(value, list | tuple):
        return tuple([freeze(item) for item in value])
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_FLOAT:
        return int(value)
    return value


def thaw(value: Json) -> Json:
    """The value as fresh JSON data, so that no caller can change a schema through what it was given."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is MappingProxyType or isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if kind is tuple or (isinstance(value, Sequence) and not isinstance(value, str)):
        return [thaw(item) for item in value]
    return value


def same(first: Json, second: Json) -> bool:
    """Whether two frozen values are the same JSON; in Python True is 1 as well."""
    if type(first) is not type(second):
        return False
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def read_object(value: Json, path: str) -> Mapping[str, Json]:
    """An object; raises `DocumentError`."""
    if type(value) is not dict and not isinstance(value, Mapping):
        raise DocumentError(path, "An object was expected here.")
    return value


def read_list(value: Json, path: str) -> Sequence[Json]:
    """A list; raises `DocumentError`."""
    if not isinstance(value, list | tuple):
        raise DocumentError(path, "A list was expected here.")
    return value


def read_text(entry: Mapping[str, Json], key: str, path: str, default: str | None = None) -> str:
    """The text under a key, or the default; without one it has to be there. Raises `DocumentError`."""
    value = entry.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise DocumentError(f"{path}.{key}", "A text was expected here.")
    return value


def read_flag(entry: Mapping[str, Json], key: str, path: str) -> bool:
    """The true or false under a key, false where it is missing; raises `DocumentError`."""
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise DocumentError(f"{path}.{key}", "true or false was expected here.")
    return value


def read_names(value: Json, path: str) -> tuple[str, ...]:
    """A list of texts; raises `DocumentError`."""
    names = tuple(read_list(value, path))
    if not all(isinstance(name, str) for name in names):
        raise DocumentError(path, "A list of column names was expected here.")
    return names
