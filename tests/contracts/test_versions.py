"""Version numbers and plans agree on what a change does: one is made from the document, the other from its SQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from provisioning.planner import plan
from provisioning.statements import Plan
from provisioning.target import Target
from schemas.diff import diff
from schemas.document import Schema, Table, UIHints
from schemas.impact import Impact
from tests.provisioning.test_golden import CASES, golden_plan, load
from tests.schemas.strategies import schemas


def check(before: Schema | None, after: Schema, made: Plan) -> None:
    """A destructive plan is a major version; one that changes PostgreSQL at all is no patch, and a patch does not."""
    changes = diff(before, after)
    impact = max((change.impact for change in changes), default=Impact.COSMETIC)
    if before is None:
        assert made.version == "1.0.0"
        return
    major, minor, _ = map(int, made.version.split("."))
    earlier = tuple(map(int, before.version.split(".")))
    assert (major > earlier[0]) == (impact == Impact.DESTRUCTIVE)
    assert not made.destructive or major > earlier[0]
    assert bool(made.statements) <= ((major, minor) > earlier[:2])
    assert (made.version == before.version) == (changes == ())


@pytest.mark.parametrize("case", CASES)
def test_the_number_of_a_recorded_plan_says_what_it_does(case: str) -> None:
    check(*load(case), golden_plan(case))


def shown_otherwise(table: Table) -> Table:
    """The table with everything changed that is only a matter of display."""
    columns = []
    for column in reversed(table.columns):
        config = dict(column.config)
        if "options" in config:
            options = [{**option, "label": "X", "color": "red"} for option in config["options"]]
            # A default of several options is stored in their order.
            config["options"] = options if isinstance(column.default, tuple) else options[::-1]
        columns.append(replace(column, label="Label", help_text="Help.", config=config))
    hints = UIHints(label="One", label_plural="Many", icon="home", list_columns=("created_at",))
    return replace(table, columns=tuple(columns), ui_hints=hints, description="About.")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas())
def test_what_is_only_shown_otherwise_is_a_patch_that_needs_no_sql(before: Schema) -> None:
    after = Schema("Renamed", tuple(shown_otherwise(table) for table in reversed(before.tables)))

    made = plan(before, after, Target("p_any"), 2)

    assert (made.version, made.statements) == ("1.0.1", ())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas(fixed_types=True), schemas(fixed_types=True))
def test_the_number_of_any_plan_says_what_it_does(before: Schema, after: Schema) -> None:
    check(before, after, plan(before, after, Target("p_any"), 2))
