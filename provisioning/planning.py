"""A plan for a project as it is now: its archive looked up, its rows counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import OperationalError

from core.errors import Unavailable
from core.models import Project, VibeConfig
from core.tenancy import Door, acting_as, open_project
from provisioning import planner
from provisioning.archive import NOTHING, ArchivedNames, archive_of, archived_names
from provisioning.attempts import TIMED_OUT, sqlstate
from provisioning.preflight import Finding, findings
from provisioning.project_database import target_of
from provisioning.retention import missing
from provisioning.returning import sentences
from provisioning.sizes import large_tables
from provisioning.statements import Plan
from schemas.document import Schema, Table

_PREFLIGHT_TIMEOUT_MS = 30_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and what is known about it before it runs.

    Args:
        schema: the version that results.
        plan: the statements.
        findings: the risks that are real, with their rows.
        notes: what could not be made as the version says, a sentence each.
        returning: what comes back from the archive, a sentence each.
    """

    schema: Schema
    plan: Plan
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    returning: tuple[str, ...] = ()

    @property
    def destructive(self) -> bool:
        """Whether it runs only after the user has confirmed it."""
        return any(finding.risk.destructive for finding in self.findings)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """What keeps it from running."""
        return tuple(finding for finding in self.findings if finding.fails)


def active_schema(project: Project) -> Schema | None:
    """The document of the project's active version, if it has one."""
    return Schema.from_json(project.active_config.document) if project.active_config else None


def prepare(project: Project, schema: Schema, *, back_to: int | None = None) -> Prepared:
    """The plan from the active version to a schema.

    Args:
        project: as `core.permissions.access_project` returns it.
        schema: a valid document, with the ids of what it keeps.
        back_to: the number of the earlier version that it is, for a rollback.

    Raises:
        InvalidSchema: when a change is not supported.
        Unavailable: when counting the rows took too long (`preflight_too_slow`).
    """
    parent, target = project.active_config, target_of(project)
    if parent is None:
        return Prepared(schema, planner.plan(None, schema, target))
    active = Schema.from_json(parent.document)
    with _opened(project) as door:
        names, large = archived_names(door, target), large_tables(door, target, active)
    archive = archive_of(names, active, _documents(project, names)) if names.numbers or names.filled else NOTHING
    plan = planner.plan(active, schema, target, parent.number + 1, archive, back_to=back_to, large=large)
    # The hash that the ledger has, which a later release might compute otherwise.
    plan = replace(plan, from_hash=parent.content_hash)
    with _opened(project) as door:
        back = sentences(door, active, schema, archive)
        return Prepared(schema, plan, findings(door, plan), returning=back)


def prepare_rollback(project: Project, config: VibeConfig) -> Prepared:
    """The plan back to an earlier version of the project.

    A column that was required then, and comes back to rows that have no value in it, comes back optional: nobody could
    fill it before it is there. `notes` says so, and what was purged from the archive.

    Args:
        project: as `core.permissions.access_project` returns it.
        config: the version.

    Raises:
        InvalidSchema: when a change is not supported.
    """
    schema, lost = Schema.from_json(config.document), missing(project, config)
    prepared = prepare(project, schema, back_to=config.number)
    gaps = {
        (finding.risk.table, finding.risk.column): finding.count or 0
        for finding in prepared.failing
        if finding.risk.code in ("required_may_fail", "relation_may_fail")
    }
    if not gaps:
        return replace(prepared, notes=lost)
    relaxed = replace(schema, tables=tuple(_relaxed(table, gaps) for table in schema))
    notes = (*lost, *(_note(*place, count) for place, count in gaps.items()))
    return replace(prepare(project, relaxed, back_to=config.number), notes=notes)


@contextmanager
def _opened(project: Project) -> Iterator[Door]:
    """The project as its owner, to whom no row is hidden: what does not fit counts, whoever it belongs to."""
    try:
        with open_project(project, project.owner_id, "owner", _PREFLIGHT_TIMEOUT_MS) as door:
            yield door
    except OperationalError as error:
        if sqlstate(error) != TIMED_OUT:
            raise
        detail = (
            f"Counting the rows that the plan is about took longer than {_PREFLIGHT_TIMEOUT_MS / 1000:g} seconds: the "
            "tables are large, or other work keeps them busy. Nothing was changed. Try again when that is done."
        )
        raise Unavailable(detail, code="preflight_too_slow") from error


def _documents(project: Project, names: ArchivedNames) -> Callable[[int], Schema | None]:
    with acting_as(project.owner_id):
        rows = VibeConfig.objects.filter(project=project, number__in=names.numbers)
        documents = dict(rows.values_list("number", "document"))
    return lambda number: Schema.from_json(documents[number]) if number in documents else None


def _relaxed(table: Table, gaps: Mapping[tuple[str, str], int]) -> Table:
    columns = (
        replace(column, required=False) if (table.name, column.name) in gaps else column for column in table.columns
    )
    return replace(table, columns=tuple(columns))


def _note(table: str, column: str, count: int) -> str:
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    return f"{column} of {table} comes back optional: {rows} no value that fits. Fill them, then require it again."
