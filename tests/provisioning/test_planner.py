"""Plans as values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioning.operations import steps_of
from provisioning.planner import plan
from provisioning.statements import Plan, PlanDamaged
from provisioning.target import Target
from provisioning.widening import is_rewrite, is_widening
from schemas import changes
from schemas.document import Schema
from tests.provisioning.documents import Document, column, document, estate, link, links, table
from tests.provisioning.test_golden import CASES, golden_plan, valid

TARGET = Target("p_test")


def between(before: Document | None, after: Document, target: Target = TARGET) -> Plan:
    parent = valid(before) if before else None
    return plan(parent, valid(after, parent), target, 2 if parent else 1)


@pytest.mark.parametrize("case", CASES)
def test_a_plan_survives_storage(case: str) -> None:
    made = golden_plan(case)
    assert Plan.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_stored_plan_that_was_changed_is_refused() -> None:
    stored = between(None, estate()).to_json()
    stored["statements"][0]["sql"] = "select 1"
    with pytest.raises(PlanDamaged):
        Plan.from_json(stored)


def test_foreign_keys_come_last() -> None:
    statements = [statement.sql for statement in between(None, estate()).statements]
    first_key = next(i for i, sql in enumerate(statements) if "foreign key" in sql)
    assert not any(sql.startswith("create table") for sql in statements[first_key:])


def test_every_foreign_key_has_an_index() -> None:
    made = between(None, estate()).sql
    assert '"ix_t_properties_c_agent_id" on "p_test"."properties" ("agent_id")' in made
    assert '"ix_t_showings_c_property_id" on "p_test"."showings" ("property_id")' in made


def test_policies_ask_once_a_statement_and_name_their_role() -> None:
    policies = [item.sql for item in between(None, estate()).statements if item.sql.startswith("create policy")]
    assert len(policies) == 18
    for policy in policies:
        assert " to " in policy
        assert "auth.uid()" not in policy.replace("(select auth.uid())", "")


@pytest.mark.parametrize(
    ("after", "version", "risks"),
    [
        (document(table("notes", column("a"), column("b"), column("c"))), "1.1.0", []),
        (document(table("notes", column("a", label="A"), column("b"))), "1.0.1", []),
        (document(table("notes", column("a"))), "2.0.0", ["drops_column"]),
        (document(table("tags", column("a"))), "2.0.0", ["drops_table"]),
        (document(table("notes", column("a", required=True), column("b"))), "2.0.0", ["required_may_fail"]),
        (document(table("notes", column("a", required=True, default="x"), column("b"))), "1.1.0", []),
        (
            document(table("notes", column("a"), column("b"), column("c", required=True))),
            "1.1.0",
            ["required_may_fail"],
        ),
        (document(table("notes", column("a", unique=True), column("b"))), "2.0.0", ["unique_may_fail"]),
        (document(table("notes", column("a", max_length=3), column("b"))), "2.0.0", ["check_may_fail"]),
        (document(table("notes", column("a"), column("b"), access="project")), "1.1.0", ["widens_access"]),
    ],
)
def test_versions_and_risks_follow_the_change(after: Document, version: str, risks: list[str]) -> None:
    made = between(document(table("notes", column("a"), column("b"))), after)
    assert made.version == version
    assert [risk.code for risk in made.risks] == risks


TAGGED = document(
    table("notes", column("a")), table("tags", column("a")), links=(links("notes", "tags", "tags"),), name="Tagged"
)


@pytest.mark.parametrize(
    ("after", "risks", "caused_by"),
    [
        (TAGGED | {"relationships": []}, ["drops_links"], "Remove the"),
        (TAGGED | {"relationships": [links("notes", "tags", "notes")]}, ["drops_links"], "Change tags of notes"),
        (TAGGED | {"relationships": [links("notes", "labels", "tags", renamed_from="tags")]}, [], "Rename the"),
        (
            document(table("notes", column("a")), name="Tagged"),
            ["drops_table", "drops_links"],
            "Remove the",
        ),
        (document(table("tags", column("a")), name="Tagged"), ["drops_table"], "Remove the table notes"),
    ],
)
def test_what_happens_to_links_is_said_of_their_relation(after: Document, risks: list[str], caused_by: str) -> None:
    made = between(TAGGED, after)
    assert [risk.code for risk in made.risks] == risks
    about = [item for item in made.statements if "notes_" in item.sql]
    assert about
    assert all(item.caused_by.startswith(caused_by) for item in about)
    assert not any("notes_tags" in text for text in (*made.changes, *made.tables_created, *made.tables_dropped))


def test_numbering_rows_that_are_there_copies_the_table() -> None:
    numbered = document(table("notes", column("a"), column("number", "auto_number")))
    made = between(document(table("notes", column("a"))), numbered)
    assert [(risk.code, risk.severity) for risk in made.risks] == [("numbers_rows", "rewrite")]
    assert not made.destructive
    assert between(None, numbered).risks == ()


def test_an_equal_document_changes_nothing() -> None:
    made = between(estate(), estate())
    assert made.changes_nothing
    assert made.statements == ()


def test_a_new_relation_has_no_risk_for_rows_that_are_there() -> None:
    before = document(table("a", column("x")), table("b", column("x")))
    made = between(before, before | {"relationships": [link("a", "b_id", "b")]})
    assert made.risks == ()


def test_an_index_that_a_relation_brings_is_made_once() -> None:
    tables = (table("a", column("x"), indexes=[{"columns": ["b_id"]}]), table("b", column("x")))
    made = between(None, document(*tables, links=(link("a", "b_id", "b"),)))
    assert made.sql.count('"ix_t_a_c_b_id"') == 1


def test_every_statement_says_why_and_what() -> None:
    for case in CASES:
        made = golden_plan(case)
        for statement in made.statements:
            assert statement.comment
            assert statement.caused_by in (*made.changes, "Prepare the project's schema")
            assert ";\n" not in statement.sql.partition("$$")[0].replace("begin atomic;", "")


def test_names_fit_however_long_the_documents_names_are() -> None:
    long = "a" * 40
    tables = (table(long, column(long, unique=True), column("b" * 40, required=True)), table("c" * 40, column("x")))
    made = between(None, document(*tables, links=(link("c" * 40, "d" * 40 + "_id", long),)))
    assert made.statements


def test_servers_before_18_get_statements_that_they_know() -> None:
    before, after = document(table("notes", column("a"))), document(table("notes", column("a", required=True)))
    assert "add constraint" in between(before, after, Target("p_test", 18)).sql
    assert 'alter column "a" set not null' in between(before, after, Target("p_test", 16)).sql


@pytest.mark.parametrize(
    ("before", "after", "widens", "rewrites"),
    [
        ("numeric(10, 2)", "numeric(12, 2)", True, False),
        ("numeric(10, 2)", "numeric(12, 4)", True, True),
        ("numeric(10, 2)", "numeric(10, 4)", False, True),
        ("numeric(10, 2)", "numeric(9, 2)", False, False),
        ("numeric(10, 2)", "numeric", True, False),
        ("bigint", "text", False, False),
        ("text", "bigint", False, False),
    ],
)
def test_types_widen(before: str, after: str, widens: bool, rewrites: bool) -> None:
    assert is_widening(before, after) is widens
    assert is_rewrite(before, after) is rewrites


def test_a_value_in_a_document_stays_a_value() -> None:
    nasty = "x'); drop table agents; --\\"
    options: Any = [{"value": nasty}]
    made = between(None, document(table("notes", column("a", "select", options=options, default=nasty))))
    create = next(item.sql for item in made.statements if item.sql.startswith("create table"))
    assert create.count("drop table") == 2
    assert "x''); drop table agents; --\\\\" in create


def test_the_empty_project_has_no_parent() -> None:
    made = between(None, estate())
    assert (made.from_hash, made.number, made.version) == ("", 1, "1.0.0")
    assert isinstance(valid(estate()), Schema)


def test_every_kind_of_change_has_an_operation() -> None:
    kinds = [kind for kind in vars(changes).values() if isinstance(kind, type) and issubclass(kind, changes.Change)]
    public = [kind for kind in kinds if kind is not changes.Change and not kind.__name__.startswith("_")]
    assert len(public) >= 13
    for kind in public:
        assert steps_of.dispatch(kind) is not steps_of.dispatch(object), f"{kind.__name__} has no operation"
