"""The order of a plan, written once.

What stands in the way goes first, renames follow, then what is new; foreign keys come last, because only then both of
their ends exist (tables may point to each other in a circle).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

from provisioning.statements import Statement


class Phase(IntEnum):
    """When a statement runs. Inside a phase statements keep the order in which they were found."""

    AHEAD = auto()
    """What may take long and bothers nobody: before the plan's transaction, over the names of the version before."""
    PREPARE = auto()
    """What all tables of a new project need."""
    RESTORE = auto()
    """What comes back from the archive, under names that nothing else has."""
    DROP = auto()
    """Constraints, indexes, triggers and policies that the new version lacks or has otherwise."""
    ARCHIVE_COLUMNS = auto()
    ARCHIVE_TABLES = auto()
    RENAME_TABLES_AWAY = auto()
    """To a name nobody has: two tables may swap their names."""
    RENAME_TABLES = auto()
    RENAME_COLUMNS_AWAY = auto()
    RENAME_COLUMNS = auto()
    CREATE_TABLES = auto()
    ADD_COLUMNS = auto()
    CHANGE_COLUMNS = auto()
    FILL = auto()
    """Values for rows that lack one which is now required."""
    CONSTRAIN = auto()
    """NOT NULL, CHECK, UNIQUE, indexes, policies."""
    RELATE = auto()
    """Foreign keys and the triggers that guard them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A statement and when it runs."""

    phase: Phase
    statement: Statement
