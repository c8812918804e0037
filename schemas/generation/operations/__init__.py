"""The closed vocabulary in which an engine changes a schema that exists.

Whatever an engine was talked into, it can do no more than what is listed here, and every operation touches only what
it names: the rest of the schema stays as it is, byte for byte.
"""

from __future__ import annotations

from schemas.generation.edits import OperationError
from schemas.generation.operations.base import Operation, apply_all, operations, operations_from_json
from schemas.generation.operations.columns import AddColumn, ChangeColumn, DropColumn, RenameColumn
from schemas.generation.operations.relations import AddRelation, DropRelation
from schemas.generation.operations.tables import AddTable, DropTable, RenameTable

_VOCABULARY: tuple[type[Operation], ...] = (
    AddTable,
    DropTable,
    RenameTable,
    AddColumn,
    DropColumn,
    RenameColumn,
    ChangeColumn,
    AddRelation,
    DropRelation,
)
for _kind in _VOCABULARY:
    operations.register(_kind.key, _kind)

__all__ = ["Operation", "OperationError", "apply_all", "operations", "operations_from_json"]
