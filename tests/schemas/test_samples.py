"""Sample records of the bundled applications."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from core import jobs
from core.models import Job, User
from core.permissions import access_project
from core.projects import create_project
from provisioning import service
from schemas.blueprints import Blueprint, blueprint, blueprints
from schemas.blueprints.samples import SampleError, sample_rows
from schemas.column_types import column_types
from schemas.document import Schema
from tests.schemas.every_type import every_type_schema
from vibecrm.demo import fill

TODAY = date(2026, 11, 21)
Rows = dict[str, list[dict[str, Any]]]

each_blueprint = pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)

# Columns whose values follow one another in time, wherever a table has both.
IN_ORDER = (
    ("starts_at", "ends_at"), ("starts_on", "ends_on"), ("start_date", "due_date"), ("issue_date", "due_date"),
    ("issued_on", "due_date"), ("issued_on", "paid_on"), ("check_in_date", "check_out_date"),
    ("opened_on", "closed_on"),
    ("borrowed_on", "due_on"), ("borrowed_on", "returned_on"), ("ordered_on", "expected_on"), ("made_on", "expires_on"),
    ("started_on", "ends_on"), ("planned_on", "completed_on"), ("given_on", "next_due_on"), ("starts_on", "deadline"),
    ("received_at", "promised_on"), ("ordered_at", "deliver_on"), ("scheduled_for", "completed_at"),
    ("reported_at", "scheduled_for"), ("offered_on", "answer_by"), ("prescribed_on", "ends_on"),
)  # fmt: skip

# What has happened is in the past: columns that say when, none of which may be tomorrow or later.
HAPPENED = re.compile(r"(?:paid|completed|closed|returned|resolved|finished|arrived|hired|joined|borrowed)_(?:on|at)\Z")


def rows_of(source: Blueprint, **options: Any) -> Rows:
    return sample_rows(source, **{"today": TODAY, **options})


def with_samples(document: Schema | dict[str, Any], samples: Mapping[str, Any]) -> Blueprint:
    """An application of its own, with these samples."""
    schema = document if isinstance(document, Schema) else Schema.from_json(document)
    return replace(blueprint("gym"), key="own", document=schema, samples=samples)


def check_values(document: Schema, rows: Rows) -> None:
    """Every value is one of its column's, and what is required is there."""
    for table in document:
        for column in table.columns:
            kind = column_types.get(column.type)
            for row in rows[table.name]:
                assert (column.name in row) != kind.numbered, column.name
                value = row.get(column.name)
                if value is not None:
                    kind.value(column, value)
                elif not kind.numbered:
                    assert not column.required, f"{table.name}.{column.name}"


def check_links(document: Schema, rows: Rows) -> None:
    """Every link leads to a record that stands before it."""
    seen: dict[str, set[str]] = {table.name: set() for table in document}
    for name, records in rows.items():
        links = [column for column in document.table(name).columns if column.is_relation]
        for record in records:
            for column in links:
                value = record[column.name]
                targets = value if isinstance(value, list) else [value] if value else []
                assert len(set(targets)) == len(targets)
                assert set(targets) <= seen[column.config["to_table"]], f"{name}.{column.name}"
            seen[name].add(record["id"])


def check_unique(document: Schema, rows: Rows) -> None:
    """No two records share what has to be unique."""
    for table in document:
        for group in [(column.name,) for column in table.columns if column.unique] + list(table.unique):
            keys = [
                tuple(str(row.get(name)) for name in group if row.get(name) is not None) for row in rows[table.name]
            ]
            keys = [key for key in keys if len(key) == len(group)]
            assert len(set(keys)) == len(keys), f"{table.name}: {group}"


@each_blueprint
@pytest.mark.parametrize("seed", [1, 2])
def test_samples_obey_the_document(item: Blueprint, seed: int) -> None:
    rows = rows_of(item, seed=seed)

    assert set(rows) == {table.name for table in item.document}
    assert all(len(records) >= 3 for records in rows.values()), {name: len(records) for name, records in rows.items()}
    check_values(item.document, rows)
    check_links(item.document, rows)
    check_unique(item.document, rows)
    ids = [record["id"] for records in rows.values() for record in records]
    assert len(set(ids)) == len(ids)
    assert all(UUID(each).version == 5 for each in ids)


@each_blueprint
def test_samples_speak_only_of_what_is_there(item: Blueprint) -> None:
    assert set(item.samples) <= {table.name for table in item.document}
    for name, said in item.samples.items():
        columns = {column.name for column in item.document.table(name).columns}
        told = [*said.get("rows", ()), *said.get("kinds", ()), *said.get("each", {}).get("with", ())]
        named = {key for row in told for key in row if key != "key"} | set(said.get("columns", {}))
        assert named <= columns, name
        assert set(said) <= {"count", "rows", "complete", "kinds", "each", "columns", "domain"}


@each_blueprint
def test_samples_of_any_number_obey_too(item: Blueprint) -> None:
    for per_table in (1, 40):
        rows = rows_of(item, per_table=per_table)
        check_values(item.document, rows)
        check_links(item.document, rows)
        check_unique(item.document, rows)
        alone = [name for name in rows if "each" not in item.samples.get(name, {})]
        assert all(len(rows[name]) <= per_table for name in alone)


@each_blueprint
def test_what_belongs_together_agrees(item: Blueprint) -> None:
    for records in rows_of(item).values():
        for record in records:
            for first, last in IN_ORDER:
                if record.get(first) and record.get(last):
                    assert record[first][:10] <= record[last][:10], (first, last, record)
            for name, value in record.items():
                if HAPPENED.search(name) and value:
                    assert value[:10] <= TODAY.isoformat(), (name, record)


@each_blueprint
def test_samples_belong_to_nobody(item: Blueprint) -> None:
    """Domains and telephone numbers are of the ranges kept free for examples and fiction."""
    phone = re.compile(r"\+1 [2-9]\d\d 555 01\d\d|\+44 20 7946 0\d{3}|\+61 2 5550 \d{4}")
    rows = rows_of(item)
    for table in item.document:
        for column in table.columns:
            values = [row[column.name] for row in rows[table.name] if row.get(column.name)]
            if column.type == "phone":
                assert all(phone.fullmatch(value) for value in values), values
            if column.type in ("email", "url"):
                assert all(re.search(r"[@/.][a-z0-9-]+\.example(?:/|\Z)", value) for value in values), values
            if column.type in ("text", "long_text", "rich_text"):
                assert not [value for value in values if re.search(r"[{}]|lorem|@", value, re.IGNORECASE)]


@each_blueprint
def test_files_are_left_to_people_and_members_to_the_caller(item: Blueprint) -> None:
    owner = uuid4()
    nobody, mine = rows_of(item), rows_of(item, owner=owner)
    for table in item.document:
        for column in table.columns:
            if column.type == "attachment":
                assert not any(row[column.name] for row in mine[table.name])
            if column.type == "user":
                assert {row[column.name] for row in nobody[table.name]} == {None}
                assert {row[column.name] for row in mine[table.name]} == {str(owner)}


def digest() -> str:
    """A hash of all samples. Called in another process too."""
    rows = [rows_of(item) for item in blueprints()]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def test_the_same_seed_gives_equal_records_in_every_process() -> None:
    code = "import django; django.setup(); from tests.schemas.test_samples import digest; print(digest())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert outputs == {digest()}


def test_another_seed_gives_other_records() -> None:
    gym = blueprint("gym")

    assert rows_of(gym, seed=1) == rows_of(gym)
    assert rows_of(gym, seed=2)["members"][0]["full_name"] != rows_of(gym)["members"][0]["full_name"]
    assert rows_of(gym, seed=2)["members"][0]["id"] != rows_of(gym)["members"][0]["id"]


def test_a_namespace_changes_ids_and_nothing_else() -> None:
    gym = blueprint("gym")
    mine, other = rows_of(gym, namespace=uuid4()), rows_of(gym)

    assert mine["plans"][0]["id"] != other["plans"][0]["id"]
    assert [{**row, "id": None} for row in mine["plans"]] == [{**row, "id": None} for row in other["plans"]]


def test_dates_move_with_today() -> None:
    week = timedelta(days=7)
    now, later = rows_of(blueprint("real_estate")), rows_of(blueprint("real_estate"), today=TODAY + week)

    for first, second in zip(now["offers"], later["offers"], strict=True):
        assert date.fromisoformat(second["made_on"]) - date.fromisoformat(first["made_on"]) == week


def test_invoices_of_the_business_crm_add_up() -> None:
    rows = rows_of(blueprint("business_crm"))
    lines: dict[str, Decimal] = {}
    for item in rows["invoice_items"]:
        assert Decimal(item["total"]) == item["quantity"] * Decimal(item["unit_price"])
        lines[item["invoice_id"]] = lines.get(item["invoice_id"], Decimal()) + Decimal(item["total"])
    paid = {row["invoice_id"]: Decimal(row["amount"]) for row in rows["transactions"] if row["invoice_id"]}

    for invoice in rows["invoices"]:
        assert Decimal(invoice["total_amount"]) == lines[invoice["id"]]
        assert paid.get(invoice["id"]) == (lines[invoice["id"]] if invoice["status"] == "paid" else None)
    assert {row["type"] for row in rows["transactions"] if not row["invoice_id"]} == {"expense"}


def test_written_records_stand_first_and_link_by_key() -> None:
    rows = rows_of(blueprint("real_estate"))

    maya = rows["agents"][0]
    assert maya["full_name"] == "Maya Okafor"
    assert rows["properties"][0]["agent_id"] == maya["id"]
    assert [row["full_name"] for row in rows["clients"]][:2] == ["Hannah Brooks", "Omar Haddad"]
    assert rows["properties"][7]["bedrooms"] is None


def test_every_type_can_be_sampled_without_a_word_about_it() -> None:
    schema = every_type_schema()
    rows = rows_of(with_samples(schema, {}), per_table=30)

    check_values(schema, rows)
    check_links(schema, rows)
    check_unique(schema, rows)
    filled = {name for row in rows["everything"] for name, value in row.items() if value is not None}
    assert {"email_value", "phone_value", "select_value", "multi_select_value", "duration_value"} <= filled


def test_records_of_a_table_that_links_to_itself_form_no_circle() -> None:
    document = {
        "name": "Tree",
        "tables": [{"name": "nodes", "columns": [{"name": "name", "type": "text", "required": True}]}],
        "relationships": [
            {"from_table": "nodes", "from_column": "parent_id", "to_table": "nodes", "on_delete": "set_null"}
        ],
    }
    source = with_samples(document, {})
    rows = rows_of(source)["nodes"]

    check_links(source.document, {"nodes": rows})
    assert sum(row["parent_id"] is not None for row in rows) == len(rows) - 1


PAIRS = {
    "name": "Pairs",
    "tables": [
        {"name": "people", "columns": [{"name": "full_name", "type": "text", "required": True}]},
        {"name": "teams", "columns": [{"name": "name", "type": "text", "required": True, "unique": True}]},
        {"name": "memberships", "columns": [{"name": "role", "type": "text"}], "unique": [["person_id", "team_id"]]},
        {"name": "badges", "columns": [{"name": "code", "type": "text"}]},
    ],
    "relationships": [
        {
            "from_table": name,
            "from_column": column,
            "to_table": target,
            "required": True,
            "on_delete": "cascade",
            **more,
        }
        for name, column, target, more in (
            ("memberships", "person_id", "people", {}),
            ("memberships", "team_id", "teams", {}),
            ("badges", "person_id", "people", {"type": "one_to_one", "unique": True}),
        )
    ],
}


def test_there_are_as_many_records_as_can_differ() -> None:
    source = with_samples(PAIRS, {"people": {"count": 4}, "teams": {"count": 3}, "memberships": {"count": 99}})
    rows = rows_of(source)

    assert len(rows["memberships"]) == 12
    assert len(rows["badges"]) == 4
    check_unique(source.document, rows)


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        ({"teams": {"columns": {"name": {"lottery": 6}}}}, "there is no recipe 'lottery'"),
        ({"teams": {"columns": {"name": "{colour}"}}}, "there is no 'colour' to look at"),
        ({"teams": {"columns": {"name": "{n|shout}"}}}, "there is no change 'shout'"),
        ({"teams": {"columns": {"name": None}}}, "the column is required"),
        ({"teams": {"columns": {"name": "{name}!"}}}, "depends on itself"),
        ({"teams": {"columns": {"name": "Red"}}}, "not enough different values"),
        ({"teams": {"columns": {"name": "x" * 300}}}, "does not fit"),
        (
            {"people": {"rows": [{}]}, "memberships": {"columns": {"person_id": "@nobody"}}},
            "no record has the key 'nobody'",
        ),
        ({"people": {"columns": {"full_name": {"count": "teams"}}}}, "teams does not link to people"),
    ],
)
def test_samples_that_cannot_be_are_told_with_their_place(samples: dict[str, Any], sentence: str) -> None:
    table = next(iter(samples))

    with pytest.raises(SampleError, match=f"(?s)Samples of {table}.*{re.escape(sentence)}"):
        rows_of(with_samples(PAIRS, samples))


@each_blueprint
def test_postgresql_takes_every_blueprint_and_its_samples(item: Blueprint, user: User) -> None:
    project = create_project(user, item.title)
    job = service.provision(user, project, item.document.to_json())
    assert job is not None
    jobs.run(job.pk)
    assert jobs.wait(user, job.pk, 60).status == Job.Status.SUCCEEDED

    project = access_project(user, project.pk)
    stored = fill(user, project, item)

    assert stored >= 3 * len(item.document.tables)
    assert fill(user, project, item) == stored
