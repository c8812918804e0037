"""All parts of a table, derived from the document."""

from __future__ import annotations

from provisioning.parts.base import Part
from provisioning.parts.checks import checks
from provisioning.parts.indexes import indexes
from provisioning.parts.keeping import keeping
from provisioning.parts.relations import relations
from provisioning.parts.rights import rights
from provisioning.parts.uniques import uniques
from provisioning.rls import policies
from provisioning.target import Target
from schemas.document import Schema, Table


def parts_of(table: Table, schema: Schema, target: Target) -> tuple[Part, ...]:
    """All parts of a table, in the order in which they are created."""
    return (
        *checks(table, target),
        *uniques(table, target),
        *indexes(table, target),
        *rights(table, target),
        *policies(table, schema, target),
        *relations(table, schema, target),
        *keeping(table, target),
    )
