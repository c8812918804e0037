"""One file a kind of change: each turns a `schemas.changes` value into steps.

Importing the package registers them with `steps_of`. What hangs on a table or column (indexes, policies, foreign keys)
is not here: parts are compared by the planner (provisioning/parts).
"""

from __future__ import annotations

from provisioning.operations import (  # noqa: F401 (importing registers)
    add_column,
    archive_column,
    archive_table,
    change_column,
    create_table,
    parts_only,
    rename_column,
    rename_table,
)
from provisioning.operations.base import steps_of

__all__ = ["steps_of"]
