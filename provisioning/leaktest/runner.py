"""The whole leak test of a project, in one transaction of which nothing stays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from uuid import uuid4

from core import sql
from core.errors import Conflict
from core.models import Project
from core.tenancy import Rehearsal, rehearse
from provisioning.leaktest import row_attacks, surroundings
from provisioning.leaktest.attacker import Attacker
from provisioning.leaktest.lints import lints
from provisioning.leaktest.planting import Planter
from provisioning.leaktest.report import Report, Result
from provisioning.leaktest.scene import Scene
from provisioning.leaktest.survey import survey
from provisioning.project_database import target_of
from provisioning.running import take_turn_if_free
from provisioning.target import Target
from schemas.column_types import column_types
from schemas.document import Schema, Table
from schemas.junctions import as_stored

STATEMENT_TIMEOUT_MS: Final = 5_000
TIME_LIMIT_SECONDS: Final = 60.0
"""After that long, what is left to try counts as untested: the rows of the test keep tables from being changed."""

Progress = Callable[[int, str], None]


def run(project: Project, progress: Progress = lambda percent, label: None) -> Report:
    """Tests a project's isolation. Its rows, its sequences and its tables stay as they are.

    Args:
        project: with its active version and placement.
        progress: is told how much is done, in percent, and what comes next.

    Raises:
        Conflict: when nothing is provisioned yet, the schema is missing, or the tables are being changed.
    """
    config = project.active_config
    if config is None:
        raise Conflict("There are no tables to test yet. Provision the project first.", code="nothing_provisioned")
    started = time.monotonic()
    schema, target = as_stored(Schema.from_json(config.document)), target_of(project)
    with rehearse(project, uuid4(), STATEMENT_TIMEOUT_MS) as rehearsal:
        _take_turn(rehearsal)
        progress(2, "Read the catalog")
        found = tuple(lints(rehearsal, target))
        progress(8, "Invent rows")
        scene = _scene(rehearsal, schema, target, started + TIME_LIMIT_SECONDS)
        results = (*_on_rows(scene, progress), *_around(scene, progress))
    names = tuple(table.name for table in schema)
    seconds = round(time.monotonic() - started, 2)
    return Report(project.name, target.schema, config.version, names, results, found, seconds)


def _take_turn(rehearsal: Rehearsal) -> None:
    """Keeps away while a plan of the project runs, so that no plan waits for tables behind our rows."""
    if not take_turn_if_free(rehearsal.door, rehearsal.project):
        detail = "The project's tables are being changed. Test them when that is done."
        raise Conflict(detail, code="tables_busy", retry_after=5)
    with rehearsal.door.connection.cursor() as cursor:
        cursor.execute("select to_regnamespace(%s) is null", [rehearsal.project.schema_name])
        if cursor.fetchone()[0]:
            detail = f"The schema {rehearsal.project.schema_name} is missing. Bring it back from a backup."
            raise Conflict(detail, code="schema_missing")


def _scene(rehearsal: Rehearsal, schema: Schema, target: Target, deadline: float) -> Scene:
    owner, intruder = uuid4(), uuid4()
    around = survey(rehearsal)
    planter = Planter(rehearsal.door, schema, target)
    planter.plant(owner, intruder)
    for table in schema:
        if table.name in around.relations:
            _let_members_number(rehearsal, table, target)
    return Scene(Attacker(rehearsal, deadline), schema, target, planter, around, owner, intruder, newcomer=uuid4())


def _let_members_number(rehearsal: Rehearsal, table: Table, target: Target) -> None:
    """Lets members give the numbers of numbered columns, as long as the transaction lasts.

    Otherwise each row that a member tries to add would take a number from the sequence for good.
    """
    numbered = [column.name for column in table.columns if column_types.get(column.type).numbered]
    if numbered:
        query = sql.format(
            "grant insert ({columns}) on {table} to {member}",
            columns=sql.identifiers(numbered),
            table=target.table(table.name),
            member=sql.identifier(target.member),
        )
        with rehearsal.door.connection.cursor() as cursor:
            cursor.execute(sql.text(query))


def _on_rows(scene: Scene, progress: Progress) -> Iterator[Result]:
    tables: Sequence[Table] = scene.schema.tables
    for number, table in enumerate(tables):
        progress(10 + 70 * number // len(tables), "Try the rows of every table")
        for key, verdict in row_attacks.attacks(scene, table):
            yield Result(table.name, key, verdict.outcome, verdict.detail)


def _around(scene: Scene, progress: Progress) -> Iterator[Result]:
    progress(80, "Try what lies around the tables")
    for target, attempt, verdict in surroundings.attacks(scene):
        yield Result(target, attempt, verdict.outcome, verdict.detail, about_rows=False)
