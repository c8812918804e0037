"""The leak test on projects that are as provisioning made them: it finds nothing, and leaves nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from core import sql
from core.errors import Conflict
from core.models import Project, User
from provisioning.leaktest import runner
from provisioning.leaktest.report import ATTEMPTS, Report
from provisioning.leaktest.runner import run
from provisioning.leaktest.tables import as_text
from schemas.blueprints import blueprint, blueprints
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import column, document, estate, link, links, table
from tests.schemas.every_type import every_type_document
from vibecrm.demo import fill

each_blueprint = pytest.mark.parametrize("key", [item.key for item in blueprints()])


def report_of(user: User, project: Project) -> Report:
    return run(reload(user, project))


def assert_clean(report: Report) -> None:
    assert [(result.target, result.attempt, result.detail) for result in report.leaks + report.untested] == []
    assert report.lints == ()
    assert report.passed
    assert "No leak" in report.summary


def outcomes(report: Report, name: str) -> dict[str, str]:
    return {result.attempt: result.outcome for result in dict(report.matrix)[name]}


def everything(project: Project, superuser: psycopg.Connection) -> dict[str, Any]:
    """Every row, every sequence and every right in the project's schema."""
    schema = project.schema_name
    found: dict[str, Any] = {
        "rights": superuser.execute(
            "select relname, relacl::text, (select array_agg(attacl::text order by attnum) from pg_attribute"
            " where attrelid = c.oid) from pg_class c where relnamespace = %s::regnamespace order by 1",
            [schema],
        ).fetchall()
    }
    names = superuser.execute(
        "select relname from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'S')", [schema]
    ).fetchall()
    for (name,) in names:
        rows = sql.format("select to_jsonb(t)::text, ctid::text from {t} t", t=sql.identifier(schema, name))
        if name.startswith("sq_"):
            rows = sql.format("select last_value, is_called from {t}", t=sql.identifier(schema, name))
        found[name] = sorted(superuser.execute(rows).fetchall())
    return found


def test_every_type_of_column_is_tested_and_clean(user: User, project: Project) -> None:
    provision(user, project, every_type_document())
    report = report_of(user, project)
    assert_clean(report)
    assert "everything" in report.tables
    assert any(name.startswith("everything_") for name in report.tables), "The junction table is attacked too."
    assert all(len(results) == len(ATTEMPTS) for _, results in report.matrix)
    assert Report.from_json(report.to_json()) == report


@each_blueprint
def test_every_blueprint_is_clean(user: User, project: Project, key: str) -> None:
    provision(user, project, blueprint(key).document.to_json())
    assert_clean(report_of(user, project))


def test_nothing_changes_in_a_full_project(user: User, project: Project, superuser: psycopg.Connection) -> None:
    source = blueprint("freelancer")
    provision(user, project, source.document.to_json())
    fill(user, reload(user, project), source)
    before = everything(project, superuser)
    assert sum(name.startswith("sq_") for name in before) >= 1, "The blueprint has numbered rows."
    assert_clean(report_of(user, project))
    assert everything(project, superuser) == before


def test_the_rows_of_somebody_else_stay_free_while_the_test_runs(
    user: User, project: Project, superuser: psycopg.Connection
) -> None:
    provision(user, project, estate())
    query(project, user.pk, "member", "insert into agents (name, email) values ('Anna', 'a@example.com')")
    superuser.execute(sql.format("set search_path to {schema}", schema=sql.identifier(project.schema_name)))
    superuser.execute("set lock_timeout = '1ms'")
    seen = []

    def write(percent: int, label: str) -> None:
        if percent >= 10:
            superuser.execute("update agents set name = 'Ann' returning id")
            seen.append(superuser.execute("select count(*) from agents").fetchone())

    assert_clean(run(reload(user, project), write))
    assert seen
    assert set(seen) == {(1,)}, "Nobody sees the invented rows."


def test_links_in_circles_and_unique_links_are_filled(user: User, project: Project) -> None:
    required: dict[str, Any] = {"required": True, "on_delete": "cascade"}
    tangle = document(
        table("people", column("name", required=True)),
        table("teams", column("name", unique=True)),
        table("badges", column("code", "uuid", required=True, unique=True)),
        table("seats", column("color", "select", options=["red", "blue", "green", "grey"], unique=True)),
        links=(
            link("people", "team_id", "teams", **required),
            link("teams", "lead_id", "people"),
            link("badges", "person_id", "people", **required | {"type": "one_to_one"}),
            link("badges", "parent_id", "badges"),
            link("seats", "badge_id", "badges", **required | {"type": "one_to_one"}),
            links("people", "friends", "people"),
        ),
    )
    tangle["tables"][3]["unique"] = [["color", "badge_id"]]
    provision(user, project, tangle)
    report = report_of(user, project)
    assert_clean(report)
    assert set(report.tables) == {"people", "teams", "badges", "seats", "people_friends"}
    assert {outcome for name in report.tables for outcome in outcomes(report, name).values()} == {"ok"}


def test_members_share_what_the_document_shares(user: User, project: Project) -> None:
    provision(user, project, estate())
    report = report_of(user, project)
    assert_clean(report)
    shared = outcomes(report, "showings")
    assert {key for key, outcome in shared.items() if outcome == "ok"} == {"add", "move", "link", "shadow", "no_role"}
    assert set(shared.values()) == {"ok", "shared"}
    assert set(outcomes(report, "agents").values()) == {"ok"}


def test_links_of_a_shared_table_are_shared_and_still_guarded(user: User, project: Project) -> None:
    provision(
        user,
        project,
        document(
            table("tags", column("name")),
            table("notes", column("body"), access="project"),
            links=(links("notes", "tags", "tags"),),
        ),
    )
    report = report_of(user, project)
    assert_clean(report)
    found = outcomes(report, "notes_tags")
    assert (found["read"], found["delete"], found["link"], found["change"], found["add"]) == (
        "shared", "shared", "ok", "ok", "ok",
    )  # fmt: skip


def test_other_projects_and_the_archive_are_attacked(user: User, project: Project) -> None:
    other = ProjectFactory(owner=user)
    provision(user, other, estate())
    provision(user, project, document(table("notes", column("body")), table("old", column("body"))))
    provision(user, reload(user, project), document(table("notes", column("body"))), confirm_destructive=True)
    report = report_of(user, project)
    assert_clean(report)
    assert {"_ledger", "_x_2_t_old", "Other projects", "The platform"} <= {item.target for item in report.around}


def test_what_is_left_when_the_time_is_up_counts_as_untested(
    user: User, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(user, project, estate())
    monkeypatch.setattr(runner, "TIME_LIMIT_SECONDS", -1.0)
    report = report_of(user, project)
    assert not report.passed
    assert "could not be tested" in report.summary
    assert "time of the test was up" in as_text(report)


def test_a_project_without_tables_and_one_that_is_changing_are_refused(
    user: User, project: Project, superuser: psycopg.Connection
) -> None:
    with pytest.raises(Conflict, match="Provision the project first"):
        report_of(user, project)
    provision(user, project, estate())
    with superuser.transaction():
        superuser.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"project:{project.pk}"])
        with pytest.raises(Conflict, match="being changed"):
            report_of(user, project)
    assert_clean(report_of(user, project))


def test_the_text_is_a_table_of_attempts(user: User, project: Project) -> None:
    provision(user, project, estate())
    text = as_text(report_of(user, project))
    heading, agents, *_ = [line for line in text.splitlines() if line.startswith((" ", "agents"))]
    assert all(word in heading for word in ATTEMPTS.values())
    assert agents.split()[1:] == ["ok"] * len(ATTEMPTS)
    assert text.endswith("reached nothing.")
