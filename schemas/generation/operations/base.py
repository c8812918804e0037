"""What every operation is, and how a list of them is read and carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from core.registry import Registry
from schemas.document import DocumentError, Json, Schema
from schemas.generation.edits import OperationError


class Operation:
    """One change of a schema."""

    key: ClassVar[str]

    def apply(self, schema: Schema) -> Schema:
        """The schema after the change; raises `OperationError`."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Operation:
        """Reads the operation; raises `OperationError` or `DocumentError`."""
        raise NotImplementedError


operations: Registry[type[Operation]] = Registry("operation")
"""Filled by the package, in the order in which models are told of them."""


def operations_from_json(data: Iterable[Json]) -> tuple[Operation, ...]:
    """Reads a list of operations, each an object with `op` and what that operation needs.

    Raises:
        OperationError: at the first that is unknown or lacks something.
    """
    return tuple(_read(item) for item in data)


def apply_all(schema: Schema, steps: Iterable[Operation]) -> Schema:
    """The schema after every step, in order; raises `OperationError` at the first that cannot be done."""
    for step in steps:
        try:
            schema = step.apply(schema)
        except DocumentError as error:
            raise OperationError(f"{step.key}: {error}") from error
    return schema


def name_in(data: Mapping[str, Json], key: str) -> str:
    """The name that an operation gives under `key`; raises `OperationError`."""
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise OperationError(f"The operation {data.get('op')!r} needs `{key}`, a name.")
    return value


def _read(item: Json) -> Operation:
    if not isinstance(item, Mapping):
        raise OperationError("Every operation is an object with `op`.")
    key = item.get("op")
    if not isinstance(key, str) or key not in operations:
        raise OperationError(f"There is no operation {key!r}. Known: {', '.join(operations.names())}.")
    try:
        return operations.get(key).from_json(item)
    except DocumentError as error:
        raise OperationError(f"{key}: {error}") from error
