"""What a plan says of itself as a whole: deletions that will take more rows, and long work on large tables."""

from __future__ import annotations

from collections.abc import Set

import pytest

from core.models import Project, User
from provisioning import planner
from provisioning.statements import Plan
from provisioning.target import Target
from schemas.document import Schema
from schemas.validation import validate
from tests.provisioning.acts import provision
from tests.provisioning.documents import Document, column, document, link, table
from tests.provisioning.test_preflight import found

FIRMS = table("firms", column("name"))


def notes(*columns: Document) -> Document:
    return table("notes", column("a"), *columns)


def linked(**settings: str) -> Document:
    return document(notes(), FIRMS, links=(link("notes", "firm_id", "firms", **settings),))


def planned(before: Document, after: Document, large: Set[str] = frozenset()) -> Plan:
    first = schema_of(before, None)
    ids = {each.id for each in first if each.name in large}
    return planner.plan(first, schema_of(after, first), Target("p_abcdefghijkl"), 2, large=ids)


def schema_of(text: Document, active: Schema | None) -> Schema:
    schema = validate(text, active).schema
    assert schema is not None
    return schema


CASCADES = [
    (linked(), linked(on_delete="cascade"), True),
    (document(notes(), FIRMS), linked(on_delete="cascade"), True),
    (document(FIRMS), linked(on_delete="cascade"), False),
    (linked(on_delete="cascade"), linked(on_delete="set_null"), False),
    (linked(on_delete="cascade"), linked(on_delete="cascade", label="Firm of theirs"), False),
]


@pytest.mark.parametrize(("before", "after", "warns"), CASCADES)
def test_rows_that_will_go_with_others_are_told(before: Document, after: Document, warns: bool) -> None:
    risks = [risk for risk in planned(before, after).risks if risk.code == "cascades"]
    assert [(risk.table, risk.column) for risk in risks] == [("notes", "firm_id")] * warns


LONG = [
    (notes(column("n", "integer")), notes(column("n")), "n"),
    (notes(column("n")), notes(column("n", required=True, default="x")), "n"),
    (notes(), notes(column("n", "auto_number")), "n"),
    (notes(), notes(column("n", required=True, default="x")), None),
    (notes(column("n")), notes(column("n", label="N")), None),
]


@pytest.mark.parametrize(("before", "after", "name"), LONG)
def test_work_on_every_row_of_a_large_table_is_told(before: Document, after: Document, name: str | None) -> None:
    there = [document(each, FIRMS) for each in (before, after)]
    told = [risk.column for risk in planned(*there, {"notes"}).risks if risk.code == "long_lock"]
    assert told == ([name] if name else [])
    assert "long_lock" not in {risk.code for risk in planned(*there, {"firms"}).risks}


def test_cautions_are_stored_with_the_plan_and_need_no_confirmation(user: User, project: Project) -> None:
    provision(user, project, linked())
    finding = found(user, project, linked(on_delete="cascade"))["cascades"]
    assert not finding.fails
    assert "also deletes the rows of 'notes'" in finding.sentence
    provision(user, project, linked(on_delete="cascade"))
    plan = planned(linked(), linked(on_delete="cascade"))
    assert Plan.from_json(plan.to_json()) == plan
