"""Changes that touch no table or column themselves: what they mean for parts, the planner finds by comparing those."""

from __future__ import annotations

from collections.abc import Iterator

from provisioning.operations.base import steps_of
from provisioning.phases import Step
from provisioning.scene import Scene
from schemas.changes import AddIndex, AddUnique, Change, ChangeSchema, ChangeTable, DropIndex, DropUnique


@steps_of.register(AddIndex)
@steps_of.register(DropIndex)
@steps_of.register(AddUnique)
@steps_of.register(DropUnique)
@steps_of.register(ChangeTable)
@steps_of.register(ChangeSchema)
def no_steps(change: Change, scene: Scene) -> Iterator[Step]:
    """Nothing: indexes, unique constraints and policies are parts, and hints and names reach no database."""
    yield from ()
