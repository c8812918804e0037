"""What must be true of the tables after every plan, looked up in their catalog before anything is committed."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from core.errors import InternalError
from provisioning.introspect import Json
from schemas.document import SYSTEM_COLUMNS, Schema, Table
from schemas.junctions import as_stored

logger = logging.getLogger(__name__)


def verify(found: Json, schema: Schema) -> None:
    """Makes sure that a plan has led to its version: the last wall against a mistake of ours.

    That each constraint and policy is the one of the version, a whole look at the project says (`manage.py drift`).

    Args:
        found: the catalog after the plan, as `introspect.catalog` returns it.
        schema: the document of the version.

    Raises:
        InternalError: when it has not. What is wrong is logged.
    """
    faults = list(_faults(found, as_stored(schema)))
    if faults:
        logger.error("A plan did not lead to its version: %s", "; ".join(faults))
        detail = "The plan did not lead to what the version says, which is a mistake of ours. Nothing was changed."
        raise InternalError(detail, code="plan_missed")


def _faults(found: Json, stored: Schema) -> Iterator[str]:
    tables = {name for name in found if not name.startswith("_")}
    if tables != {table.name for table in stored}:
        yield f"the tables are {', '.join(sorted(tables))}"
        return
    for table in stored:
        there = found[table.name]
        columns = {*SYSTEM_COLUMNS, *(column.name for column in table.columns)}
        if {*there["columns"]} != columns:
            yield f"the columns of {table.name} are {', '.join(sorted(there['columns']))}"
        if there["row_security"] != [True, True]:
            yield f"row-level security of {table.name} is not on and forced"
        yield from _unfinished(table, there)


def _unfinished(table: Table, there: Json) -> Iterator[str]:
    if not there["policies"]:
        yield f"{table.name} has no policy"
    for name, (*_, validated, _) in (there["constraints"] or {}).items():
        if not validated:
            yield f"{name} of {table.name} is not validated"
    for name, (*_, valid) in (there["indexes"] or {}).items():
        if not valid:
            yield f"the index {name} of {table.name} is not usable"
