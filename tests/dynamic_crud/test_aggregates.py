"""Aggregates of lists: computed by PostgreSQL, asked for in a small language that is read strictly."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from core.models import User
from dynamic_crud.aggregate_rows import answer
from dynamic_crud.aggregates import AggregateQuery, aggregates_of, computable_columns, groupable_columns, parts_of
from dynamic_crud.runtime import get_runtime
from tests.dynamic_crud.conftest import RecordsClient, as_member
from tests.dynamic_crud.test_api import errors_of


@pytest.fixture
def homes(estate: RecordsClient) -> RecordsClient:
    """Six properties of two agents and none, listed in three months."""
    ada, bob = (estate.made("agents", name=name)["id"] for name in ("Ada", "Bob"))
    rows = [
        ("1 Main St", "100.10", "sold", ada, "2026-01-05"), ("2 Main St", "200.20", "available", ada, "2026-01-31"),
        ("3 Main St", None, "available", bob, "2026-02-01"), ("4 Main St", "99999999.99", "sold", bob, None),
        ("5 Main St", "0.01", "sold", None, "2025-12-31"), ("6 Oak St", "300.00", "sold", ada, "2026-02-28"),
    ]  # fmt: skip
    names = ("address", "price", "status", "agent_id", "listed_on")
    made = estate.create("properties", [dict(zip(names, row, strict=True)) for row in rows])
    assert made.status_code == 201, made.json()
    return estate


def computed(homes: RecordsClient, aggregate: str, **parameters: Any) -> list[dict[str, Any]]:
    response = homes.list("properties", aggregate=aggregate, **parameters)
    assert response.status_code == 200, response.json()
    return response.json()["results"]


def test_all_rows_are_summed_up(homes: RecordsClient) -> None:
    asked = "count(),count(price),count_distinct(status),sum(price),avg(price),min(price),max(listed_on),min(listed_on)"
    assert computed(homes, asked) == [
        {
            "count()": 6, "count(price)": 5, "count_distinct(status)": 2, "sum(price)": "100000600.30",
            "avg(price)": "20000120.060000", "min(price)": "0.01", "max(listed_on)": "2026-02-28",
            "min(listed_on)": "2025-12-31",
        }
    ]  # fmt: skip
    assert computed(homes, "count(),sum(price)", search="nobody") == [{"count()": 0, "sum(price)": None}]


def test_groups_are_filtered_searched_and_ordered(homes: RecordsClient) -> None:
    by_status = computed(homes, "count(),sum(price)", group_by="status")
    assert by_status == [
        {"status": "available", "count()": 2, "sum(price)": "200.20"},
        {"status": "sold", "count()": 4, "sum(price)": "100000400.10"},
    ]
    assert computed(homes, "count()", group_by="status", search="Main", price__lt="1000") == [
        {"status": "available", "count()": 1}, {"status": "sold", "count()": 2},
    ]  # fmt: skip
    assert [row["status"] for row in computed(homes, "count()", group_by="status", ordering="-count()")] == [
        "sold", "available",
    ]  # fmt: skip
    busy = computed(homes, "sum(price)", group_by="status", having="count()>2,avg(price)>=100.5")
    assert busy == [{"status": "sold", "sum(price)": "100000400.10"}]
    assert computed(homes, "count()", group_by="status", having="max(listed_on)!=2026-02-28") == [
        by_count("available", 2)
    ]


def by_count(status: str, count: int) -> dict[str, Any]:
    return {"status": status, "count()": count}


def test_days_are_grouped_by_their_period(homes: RecordsClient) -> None:
    months = computed(homes, "count()", group_by="listed_on:month", ordering="-listed_on:month")
    assert [(row["listed_on:month"], row["count()"]) for row in months] == [
        ("2026-02-01", 2), ("2026-01-01", 2), ("2025-12-01", 1), (None, 1),
    ]  # fmt: skip
    years = computed(homes, "count()", group_by="listed_on:year,status", having="count()>1")
    assert [(row["listed_on:year"], row["status"], row["count()"]) for row in years] == [
        ("2026-01-01", "available", 2), ("2026-01-01", "sold", 2),
    ]  # fmt: skip
    (today,) = computed(homes, "count()", group_by="created_at:hour")
    assert today["created_at:hour"].endswith(":00:00Z")


def test_related_records_are_named(homes: RecordsClient) -> None:
    rows = computed(homes, "count()", group_by="agent_id", expand="agent_id", ordering="-count()")
    assert [(row["agent_id"] and row["agent_id"]["label"], row["count()"]) for row in rows] == [
        ("Ada", 3), ("Bob", 2), (None, 1),
    ]  # fmt: skip


def test_no_more_groups_than_asked_for(homes: RecordsClient) -> None:
    response = homes.list("properties", aggregate="count()", group_by="address", limit=2).json()
    assert (len(response["results"]), response["has_more"]) == (2, True)
    response = homes.list("properties", aggregate="count()", group_by="address", limit=6).json()
    assert (len(response["results"]), response["has_more"]) == (6, False)


WRONG = [
    ({"aggregate": ""}, "query.aggregate"), ({"aggregate": "price"}, "query.aggregate[0]"),
    ({"aggregate": "count(),sum(price"}, "query.aggregate[1]"), ({"aggregate": "sum()"}, "query.aggregate[0]"),
    ({"aggregate": "sum(address)"}, "query.aggregate[0]"), ({"aggregate": "avg(status)"}, "query.aggregate[0]"),
    ({"aggregate": "sum(salary)"}, "query.aggregate[0]"), ({"aggregate": "pg_sleep(id)"}, "query.aggregate[0]"),
    ({"aggregate": "sum(price);drop table x"}, "query.aggregate[0]"), ({"aggregate": "a\0b"}, "query.aggregate[0]"),
    ({"aggregate": "SUM(price)"}, "query.aggregate[0]"), ({"aggregate": "count(),count()"}, "query.aggregate[1]"),
    ({"aggregate": ",".join(["count()"] * 21)}, "query.aggregate"),
    ({"aggregate": "count()", "group_by": "notes"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "price:month"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "listed_on:"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "listed_on:hour"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "agent_id__name"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "id"}, "query.group_by[0]"),
    ({"aggregate": "count()", "group_by": "status,price,address,agent_id,listed_on"}, "query.group_by"),
    ({"aggregate": "count()", "group_by": "status", "having": "count()"}, "query.having[0]"),
    ({"aggregate": "count()", "group_by": "status", "having": "count()>many"}, "query.having[0]"),
    ({"aggregate": "count()", "group_by": "status", "having": "sum(price)>1e9"}, "query.having[0]"),
    ({"aggregate": "count()", "group_by": "status", "having": "max(listed_on)>soon"}, "query.having[0]"),
    ({"aggregate": "count()", "having": "count()>1"}, "query.having"),
    ({"aggregate": "count()", "ordering": "count()"}, "query.ordering"),
    ({"aggregate": "count()", "group_by": "status", "ordering": "address"}, "query.ordering[0]"),
    ({"aggregate": "count()", "group_by": "status", "ordering": "--count()"}, "query.ordering[0]"),
    ({"aggregate": "count()", "group_by": "status", "limit": "1001"}, "query.limit"),
    ({"aggregate": "count()", "group_by": "status", "limit": "-1"}, "query.limit"),
    ({"aggregate": "count()", "page": "2"}, "query.page"), ({"aggregate": "count()", "salary": "2"}, "query.salary"),
    ({"aggregate": "count()", "price__gte": "x"}, "query.price__gte"), ({"group_by": "status"}, "query.group_by"),
    ({"aggregate": "count()", "expand": "agent_id"}, "query.expand[0]"),
]  # fmt: skip


def test_what_cannot_be_computed_is_refused_with_its_place(homes: RecordsClient) -> None:
    for parameters, place in WRONG:
        response = homes.list("properties", **parameters)
        assert response.status_code == 400, parameters
        assert list(errors_of(response)) == [place], parameters


@pytest.mark.usefixtures("folder")
def test_every_type_can_be_computed_as_it_says(things: RecordsClient) -> None:
    resource = get_runtime(things.project).resource("things")
    for item in resource.fields:
        values = [value for value in item.type.examples if item.column.is_stored and not item.type.numbered]
        rows = [{"name": "x", item.column.name: value} for value in values]
        if rows and item.type.key not in ("user", "attachment"):
            assert things.create("things", rows).status_code == 201
    for column in computable_columns(resource).values():
        asked = ",".join(f"{function}({column.name})" for function in aggregates_of(column))
        (found,) = things.list("things", aggregate=asked).json()["results"]
        assert list(found) == asked.split(",")
    total = things.list("things").json()["count"]
    for column in groupable_columns(resource).values():
        for part in ("", *(f":{part}" for part in parts_of(column))):
            response = things.list("things", aggregate="count()", group_by=f"{column.name}{part}", limit=1000)
            assert response.status_code == 200, (column.name, part)
            assert sum(row["count()"] for row in response.json()["results"]) == total


def test_sums_are_exact_beyond_what_a_column_holds(things: RecordsClient) -> None:
    most = 9_223_372_036_854_775_807
    things.create("things", [{"name": "x", "a_integer": most, "a_duration": "366000 00:00:00"}] * 2)
    (found,) = things.list("things", aggregate="sum(a_integer),avg(a_integer),sum(a_duration)").json()["results"]
    assert found["sum(a_integer)"] == str(2 * most)
    assert found["avg(a_integer)"] == f"{most}.0000"
    assert found["sum(a_duration)"] == "732000 00:00:00"


def test_rows_of_others_are_not_counted(user: User, estate: RecordsClient, other_user: User) -> None:
    as_member(user, estate.project, "agents").create([{"name": "Ada"}] * 3, paths=["$"] * 3)
    theirs = as_member(other_user, estate.project, "agents")
    theirs.create([{"name": "Bob"}], paths=["$"])
    for query in ("aggregate=count()", "aggregate=count()&group_by=user_id", "aggregate=count_distinct(name)"):
        found = answer(theirs, AggregateQuery.read(theirs.resource, QueryDict(query)))
        assert [row.popitem()[1] for row in found["results"]] == [1]
