"""Looking after a project's tables: are they what the active version says, and if not, mending them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils import timezone

from core import locks
from core.errors import Conflict
from core.models import Project, User
from core.tenancy import Door, as_platform, become_platform, open_project
from provisioning import project_database
from provisioning.attempts import until_free
from provisioning.drift import Difference, differences
from provisioning.expected import expected_catalog
from provisioning.introspect import FUNCTIONS, SCHEMA, Json, catalog, catalog_sha256, digest
from provisioning.mending import Mend, mend
from provisioning.models import Migration
from provisioning.project_database import target_of
from provisioning.running import run_statements, take_turn
from provisioning.statements import Plan
from schemas.document import Schema

TIMEOUT_MS = 60_000
"""How long a statement of a look at the tables may take, in milliseconds."""
_MOST_TOLD = 20
"""How many differences a refusal names: more do not help who reads it."""

_LEDGER_HEAD = "select max(number) from _ledger"
_NOTE_CATALOG = "update _ledger set catalog_sha256 = %s where number = %s"


@dataclass(frozen=True, slots=True)
class Checkup:
    """What a look at a project's tables found.

    Args:
        version: the name of the active version; empty for a project without one.
        differences: between that version and the tables.
        mend: what can be done about them.
    """

    version: str
    differences: tuple[Difference, ...]
    mend: Mend | None

    def to_json(self) -> Json:
        """The findings as the command tells them."""
        by_hand = self.mend.by_hand if self.mend else self.differences
        return {
            "version": self.version,
            "drift": bool(self.differences),
            "differences": [{**found.to_json(), "mendable": found not in by_hand} for found in self.differences],
            "plan": self.mend.plan.to_json() if self.mend else None,
        }


def check(project: Project, user_id: UUID) -> Checkup:
    """Compares the project's tables with its active version. Nothing changes.

    Args:
        project: as `core.permissions.access_project` returns it.
        user_id: who asks.
    """
    if project.active_config is None:
        return Checkup("", (), None)
    with open_project(project, user_id, "owner", TIMEOUT_MS) as door:
        return checked(door, project, user_id)


def mend_tables(user: User, project: Project) -> tuple[Checkup, Checkup]:
    """Mends what can be mended, and records it like any other change; returns what was found before and is left.

    Raises:
        Conflict: while somebody else changes the tables, and when a statement fails. Then nothing was changed.
    """
    work = uuid4()
    with locks.held(project, user.pk, "mending the tables", work=work):
        project_database.ensure(project, user.pk)
        return until_free(lambda: mended(user, project, work), project)


def refuse_drift(door: Door, project: Project, user_id: UUID, schema: Schema | None, recorded: str) -> Json:
    """Makes sure inside an open door that the tables are as the last plan left them; returns their catalog.

    Where their hash is the one in the ledger, they are. Where it is another, the version is asked, because an upgrade
    of the server or of the product describes equal tables otherwise.

    Args:
        door: the project, standing open.
        project: that project.
        user_id: for whom.
        schema: the document of the active version; None before the first.
        recorded: the hash that the ledger has; empty before the first.

    Raises:
        Conflict: with the code `drift`.
    """
    found = catalog(door, target_of(project))
    if digest(found) == recorded:
        return found
    if schema is None:
        told = () if recorded else differences({}, {**found, SCHEMA: {}, FUNCTIONS: found[FUNCTIONS]})
    else:
        told = differences(expected_catalog(door, project, user_id, schema), found)
    if told:
        raise drifted(told)
    return found


def drifted(told: tuple[Difference, ...]) -> Conflict:
    """The refusal of a plan that was made for other tables than there are."""
    fix = "Look at it with `manage.py drift PROJECT`, and mend it with `manage.py drift PROJECT --mend`."
    faults = [{"code": found.code, "path": "$", "detail": found.sentence, "fix": fix} for found in told[:_MOST_TOLD]]
    number = "1 thing is" if len(told) == 1 else f"{len(told)} things are"
    detail = f"The tables are no longer what the active version says: {number} different. Nothing was changed. {fix}"
    return Conflict(detail, errors=faults, code="drift")


def checked(door: Door, project: Project, user_id: UUID) -> Checkup:
    """As `check`, inside the owner's open door."""
    config, target = project.active_config, target_of(project)
    if config is None:
        return Checkup("", (), None)
    schema = Schema.from_json(config.document)
    told = differences(expected_catalog(door, project, user_id, schema), catalog(door, target))
    return Checkup(config.version, told, mend(told, schema, target, config.number) if told else None)


def mended(user: User, project: Project, work: UUID) -> tuple[Checkup, Checkup]:
    """As `mend_tables`, once and with the schema lock held by `work`."""
    with open_project(project, user.pk, "owner", TIMEOUT_MS) as door:
        take_turn(door, project)
        before = checked(door, project, user.pk)
        if before.mend is None or not before.mend.plan.statements or project.active_config is None:
            return before, before
        plan, number, target = before.mend.plan, project.active_config.number, target_of(project)
        _require_head(door, number)
        run_statements(door, plan, target, catalog(door, target))
        after = checked(door, project, user.pk)
        applied = catalog_sha256(door, target)
        if not after.differences:
            with door.connection.cursor() as cursor:
                cursor.execute(_NOTE_CATALOG, [applied, number])
        if door.alias == "default":
            become_platform(door)
            locks.confirm(project, work)
            _record(user, project, plan, applied)
    if door.alias != "default":
        with as_platform():
            _record(user, project, plan, applied)
    return before, after


def _require_head(door: Door, number: int) -> None:
    with door.connection.cursor() as cursor:
        cursor.execute(_LEDGER_HEAD)
        (head,) = cursor.fetchone()
    if head != number:
        detail = "Another version was published meanwhile. Nothing was changed. Look again."
        raise Conflict(detail, code="stale_version")


def _record(user: User, project: Project, plan: Plan, applied: str) -> None:
    """A mend is a migration from a version to itself."""
    config, now = project.active_config, timezone.now()
    if config is None:
        return
    Migration.objects.create(
        project=project,
        from_config=config,
        to_config=config,
        document=config.document,
        number=config.number,
        version=config.version,
        plan=plan.to_json(),
        sha256=plan.sha256,
        status=Migration.Status.APPLIED,
        catalog_sha256=applied,
        created_by=user,
        started_at=now,
        finished_at=now,
    )
