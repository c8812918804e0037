"""How large the tables of a project are, as PostgreSQL's planner estimates it: nobody counts rows to know that."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from core.tenancy import Door
from provisioning.target import Target
from schemas.document import Schema
from schemas.junctions import as_stored

_BYTES_OF_A_ROW: Final = 100
"""What a row is taken to need in a table that was never analysed: the system columns alone are 64 bytes."""

_ROWS: Final = """
select relname, case when relpages > 0 and reltuples >= 0
    then reltuples / relpages * (pg_relation_size(oid) / current_setting('block_size')::int)
    else pg_relation_size(oid) / %s::float8 end
from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r'
"""


def large_tables(door: Door, target: Target, schema: Schema) -> frozenset[str]:
    """The ids of the tables with more rows than `LARGE_TABLE_ROWS`.

    Args:
        door: the project, standing open.
        target: its schema.
        schema: the document of its active version.
    """
    with door.connection.cursor() as cursor:
        cursor.execute(_ROWS, [_BYTES_OF_A_ROW, target.schema])
        rows = dict(cursor.fetchall())
    return frozenset(table.id for table in as_stored(schema) if rows.get(table.name, 0) > settings.LARGE_TABLE_ROWS)
