"""What a plan would meet in the rows that are there: every risk with its count, and up to five of the rows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from core.errors import Problem
from core.models import Project, User
from provisioning import planning
from provisioning.preflight import SHOWN, Finding
from provisioning.service import plan_for
from schemas.validation import validate
from tests.provisioning.acts import provision, query, reload
from tests.provisioning.documents import Document, column, document, link, links, table


def notes(*columns: Document, access: str = "private", **settings: Any) -> Document:
    return table("notes", column("n", "integer"), *columns, access=access, **settings)


A = column("a")
FIRMS = table("firms", column("name"))
PLACES = table("places", column("name"))

CASES: dict[str, tuple[Document, str, Document, int]] = {
    "drops_table": (document(notes(A), FIRMS), "true", document(FIRMS), 7),
    "drops_column": (document(notes(A)), "n < 3", document(notes()), 4),
    "drops_links": (
        document(notes(A), FIRMS, links=(links("notes", "seen", "firms"),)), "true", document(notes(A), FIRMS), 7,
    ),
    "loses_values": (document(notes(A)), "n < 3", document(notes(column("a", "integer"))), 4),
    "required_may_fail": (document(notes(A)), "n < 3", document(notes(column("a", required=True))), 3),
    "unique_may_fail": (document(notes(A)), "true", document(notes(column("a", unique=True))), 7),
    "check_may_fail": (document(notes(A)), "true", document(notes(column("a", max_length=2))), 7),
    "relation_may_fail": (
        document(notes(A), FIRMS, PLACES, links=(link("notes", "firm_id", "firms"),)), "true",
        document(notes(A), FIRMS, PLACES, links=(link("notes", "firm_id", "places"),)), 7,
    ),
}  # fmt: skip
"""By code: the version before, which rows get no value, the version after, and how many rows are concerned."""


def fill(user: User, project: Project, before: Document, without: str) -> None:
    """Seven notes, those of the condition without a value (all have one where that is `true`)."""
    names = {each["name"] for each in before["tables"]}
    if "firms" in names:
        query(project, user.pk, "admin", "insert into firms (name) values ('F')")
    query(project, user.pk, "admin", "insert into notes (n, a) select i, 'abc' from generate_series(0, 6) i")
    if without != "true":
        query(project, user.pk, "admin", "update notes set a = null where n < 3")
    for relation in before["relationships"]:
        if relation["type"] == "many_to_many":
            made = "insert into notes_seen (source_id, target_id) select notes.id, firms.id from notes, firms"
        else:
            made = "update notes set firm_id = (select id from firms)"
        query(project, user.pk, "admin", made)


def found(user: User, project: Project, after: Document) -> dict[str, Finding]:
    return {each.risk.code: each for each in plan_for(reload(user, project), after).findings}


@pytest.mark.parametrize("code", CASES)
def test_a_risk_is_counted_and_its_rows_are_named(user: User, project: Project, code: str) -> None:
    before, without, after, count = CASES[code]
    provision(user, project, before)
    assert all(not each.count for each in found(user, project, after).values())
    fill(user, project, before, without)
    finding = found(user, project, after)[code]
    assert finding.count == count
    assert f"This is about {count} rows." in finding.sentence
    assert len(finding.ids) == min(count, SHOWN)
    source = "notes_seen" if code == "drops_links" else "notes"
    schema = validate(before).schema
    assert schema is not None
    named = schema.table("notes").title_column
    title = "null" if code == "drops_links" or named is None else named.name
    titles = dict(query(project, user.pk, "admin", f"select id::text, {title}::text from {source}"))  # noqa: S608
    assert finding.titles == tuple(titles[row_id] for row_id in finding.ids)


@pytest.mark.parametrize("code", [code for code in CASES if code.endswith("_may_fail")])
def test_without_such_rows_there_is_nothing_to_say_and_the_plan_runs(user: User, project: Project, code: str) -> None:
    before, _, after, _ = CASES[code]
    provision(user, project, before)
    query(project, user.pk, "admin", "insert into notes (n, a) values (1, 'a'), (2, 'b')")
    assert found(user, project, after) == {}
    assert provision(user, project, after)["migration_applied"]


def test_rows_that_the_user_does_not_see_count_too(user: User, other_user: User, project: Project) -> None:
    provision(user, project, document(notes(A)))
    query(project, other_user.pk, "member", "insert into notes (n) values (1)")
    finding = found(user, project, document(notes(column("a", required=True))))["required_may_fail"]
    assert (finding.count, finding.fails) == (1, True)


def test_what_is_about_no_rows_has_no_count(user: User, project: Project) -> None:
    provision(user, project, document(notes(A)))
    findings = found(user, project, document(notes(A, access="project")))
    assert findings["widens_access"].count is None
    assert findings["widens_access"].sentence == findings["widens_access"].risk.detail


def test_a_default_takes_the_risk_away(user: User, project: Project) -> None:
    provision(user, project, document(notes(A)))
    query(project, user.pk, "admin", "insert into notes (n) values (1)")
    assert found(user, project, document(notes(column("a", required=True, default="x")))) == {}


def test_converted_values_are_counted_as_they_will_be(user: User, project: Project) -> None:
    """`1` and `01` are two texts and one number."""
    provision(user, project, document(notes(A)))
    query(project, user.pk, "admin", "insert into notes (a) values ('1'), ('01'), ('2'), ('x'), ('y')")
    findings = found(user, project, document(notes(column("a", "integer", unique=True))))
    assert {code: each.count for code, each in findings.items()} == {"loses_values": 2, "unique_may_fail": 2}


def test_counting_that_takes_too_long_is_told_as_that(
    user: User, project: Project, superuser: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(user, project, document(notes(A)))
    monkeypatch.setattr(planning, "_PREFLIGHT_TIMEOUT_MS", 200)
    with superuser.transaction():
        superuser.execute(f"lock table {project.schema_name}.notes in access exclusive mode")
        with pytest.raises(Problem) as caught:
            found(user, project, document(notes(column("a", required=True))))
    assert (caught.value.status, caught.value.code) == (503, "preflight_too_slow")
    assert "longer than 0.2 seconds" in caught.value.detail


def test_links_that_go_when_a_table_comes_back_are_not_counted_as_repeated(user: User, project: Project) -> None:
    def version(kind: str) -> Document:
        relation = {**link("notes", "firm_id", "firms"), "type": kind, "id": "f_firm"}
        return document(notes(A, id="t_notes"), FIRMS | {"id": "t_firms"}, links=(relation,))

    provision(user, project, version("many_to_one"))
    fill(user, project, version("many_to_one"), "true")
    provision(user, project, document(FIRMS | {"id": "t_firms"}), confirm_destructive=True)
    query(project, user.pk, "admin", "delete from firms")
    assert found(user, project, version("one_to_one"))["unlinks_rows"].count == 7
    assert "unique_may_fail" not in found(user, project, version("one_to_one"))
    provision(user, project, version("one_to_one"), confirm_destructive=True)
    assert query(project, user.pk, "admin", "select count(*), count(firm_id) from notes") == [(7, 0)]
