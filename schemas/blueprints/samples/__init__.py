"""Believable records for a bundled application, made from a seed.

The same seed gives equal records, on every machine, in every process, on every day that is given as today. Links lead
to records that exist and come earlier, what has to be unique is, and what belongs together agrees.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from schemas.blueprints import Blueprint
from schemas.blueprints.samples.cells import Row, SampleError
from schemas.blueprints.samples.rows import SampleRows, as_json
from schemas.column_types import column_types
from schemas.document import Json, Schema, Table

__all__ = ["SampleError", "sample_rows"]


def sample_rows(
    blueprint: Blueprint,
    *,
    today: date,
    seed: int | str = 1,
    per_table: int | None = None,
    owner: UUID | None = None,
    namespace: UUID | None = None,
) -> dict[str, list[dict[str, Json]]]:
    """Sample records by table, in the form of the API, each with an `id`; a table comes after those it links to.

    Columns that PostgreSQL numbers itself are left out.

    Args:
        blueprint: whose records.
        today: the day that all dates are counted from.
        seed: what chance is drawn from.
        per_table: how many records a table has, if not as many as the blueprint says. Tables whose records belong to
            each of another table, such as the lines of an invoice, have as many as follow from that; where fewer
            records can differ as they have to, there are fewer.
        owner: the member that records are assigned to; None for nobody.
        namespace: what ids are derived from, such as the id of a project, so that two projects share none.

    Raises:
        SampleError: when the blueprint's samples contradict its document.
    """
    data = SampleRows(
        blueprint.document,
        blueprint.samples,
        seed=seed,
        today=today,
        per_table=per_table,
        owner=owner,
        namespace=namespace,
    )
    return {
        table.name: [_told(data, row) for row in data.rows(table.name)] for table in _targets_first(blueprint.document)
    }


def _told(data: SampleRows, row: Row) -> dict[str, Json]:
    columns = (column for column in row.table.columns if not column_types.get(column.type).numbered)
    return {"id": str(row.id)} | {column.name: as_json(data.value(row, column.name)) for column in columns}


def _targets_first(document: Schema) -> Iterator[Table]:
    """The tables, each after those that it links to; where they link in a circle, in the document's order."""
    waiting = list(document)
    while waiting:
        names = {table.name for table in waiting}
        table = next((table for table in waiting if not _targets(table) & names), waiting[0])
        waiting.remove(table)
        yield table


def _targets(table: Table) -> set[str]:
    return {str(column.config["to_table"]) for column in table.columns if column.is_relation} - {table.name}
