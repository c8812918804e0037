"""What each role in a project may do. The only place that says so; `core.permissions` asks, pages and API tell.

PostgreSQL enforces the same (the policies of migration 0006, the doors of `core.tenancy`), so that a view that forgets
to ask is refused by the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from django.db.models import TextChoices

from core.errors import Forbidden


class Role(TextChoices):
    """What a member of a project is, the most powerful first."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Right(StrEnum):
    """What not every member may do. Opening the project and reading what the policies show, all may."""

    WRITE_RECORDS = "write_records"
    CHANGE_SCHEMA = "change_schema"
    CHANGE_SETTINGS = "change_settings"
    MANAGE_MEMBERS = "manage_members"
    EXPORT_RECORDS = "export_records"
    DELETE_PROJECT = "delete_project"
    HAND_OVER = "hand_over"


GIVEN: Final = (Role.ADMIN, Role.EDITOR, Role.VIEWER)
"""The roles that are given to members; the owner is who has the project."""

MEANINGS: Final[Mapping[Role, str]] = {
    Role.OWNER: "Everything. Each project has one owner.",
    Role.ADMIN: "Manages members, changes the tables, sees and edits all records.",
    Role.EDITOR: "Edits records: of private tables their own, of shared tables all.",
    Role.VIEWER: "Looks at records, and changes nothing.",
}

_NEEDS: Final[Mapping[Right, tuple[Role, str]]] = {
    Right.WRITE_RECORDS: (Role.EDITOR, "change records"),
    Right.CHANGE_SCHEMA: (Role.ADMIN, "change the tables"),
    Right.CHANGE_SETTINGS: (Role.ADMIN, "change the project's settings"),
    Right.MANAGE_MEMBERS: (Role.ADMIN, "manage the members"),
    Right.EXPORT_RECORDS: (Role.ADMIN, "export the records, because that takes all of them"),
    Right.DELETE_PROJECT: (Role.OWNER, "delete the project"),
    Right.HAND_OVER: (Role.OWNER, "hand the project over"),
}
"""The least role that has a right, and what the right is for."""

_BY_POWER: Final = list(Role)


def rights_of(role: Role) -> frozenset[Right]:
    """All that the role may do."""
    return frozenset(right for right, (least, _) in _NEEDS.items() if _BY_POWER.index(role) <= _BY_POWER.index(least))


def refusal(role: Role, right: Right) -> Forbidden:
    """The problem for a member whose role lacks the right."""
    least, act = _NEEDS[right]
    able = [each.label.lower() for each in _BY_POWER[: _BY_POWER.index(least) + 1]]
    who = f"{', '.join(able[:-1])} or {able[-1]}" if able[1:] else able[0]
    detail = f"You are {with_article(role)} of this project, who cannot {act}. Ask an {who} to do it."
    return Forbidden(detail, code="role_lacks_right", members={"role": role.value, "needs": least.value})


def with_article(role: Role) -> str:
    """What somebody in that role is called: `an editor`."""
    return f"{'a' if role is Role.VIEWER else 'an'} {role.label.lower()}"
