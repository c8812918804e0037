"""Lists of the records API: filters, search, order, pages; and what of their parameters is refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from dynamic_crud.filters import filter_names
from dynamic_crud.listing import orderable_columns
from dynamic_crud.runtime import get_runtime
from tests.dynamic_crud.conftest import RecordsClient


@pytest.fixture
def homes(estate: RecordsClient) -> RecordsClient:
    """Three agents and six properties; the last two have no agent, the last no price."""
    agents = estate.create("agents", [{"name": name} for name in ("Cleo", "Ada", "Bob")]).json()
    rows = [
        {
            "address": "1 Main Street",
            "price": "300",
            "status": "sold",
            "listed_on": "2026-01-01",
            "agent_id": agents[0]["id"],
        },
        {
            "address": "2 Main Street",
            "price": "100",
            "status": "available",
            "furnished": True,
            "agent_id": agents[1]["id"],
        },
        {"address": "3 Oak Avenue", "price": "200", "status": "sold", "furnished": False, "agent_id": agents[2]["id"]},
        {"address": "4 Oak Avenue", "price": "400", "notes": "Quiet. 100% sunny", "agent_id": agents[2]["id"]},
        {"address": "5 Elm Road", "price": "500", "notes": "Near the main_station"},
        {"address": "6 Elm Road", "status": "sold"},
    ]
    for row in rows:
        estate.made("properties", **row)
    return estate


def addresses(client: RecordsClient, **parameters: Any) -> list[int]:
    """The house numbers that a list answers, in its order."""
    response = client.list("properties", **parameters)
    assert response.status_code == 200, response.json()
    return [int(row["address"][0]) for row in response.json()["results"]]


def test_a_list_is_newest_first(homes: RecordsClient) -> None:
    assert addresses(homes) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"status": "sold"}, {1, 3, 6}),
        ({"status__exact": "sold"}, {1, 3, 6}),
        ({"status__in": "sold,available"}, {1, 2, 3, 4, 5, 6}),
        ({"price": "200"}, {3}),
        ({"price": "200.00"}, {3}),
        ({"price__gte": "200", "price__lt": "400"}, {1, 3}),
        ({"price__isnull": "true"}, {6}),
        ({"price__isnull": "false"}, {1, 2, 3, 4, 5}),
        ({"furnished": "true"}, {2}),
        ({"furnished": "false"}, {3}),
        ({"furnished__isnull": "true"}, {1, 4, 5, 6}),
        ({"listed_on": "2026-01-01"}, {1}),
        ({"listed_on__lte": "2026-01-01"}, {1}),
        ({"address__icontains": "OAK"}, {3, 4}),
        ({"address__istartswith": "1"}, {1}),
        ({"notes__icontains": "0%"}, {4}),
        ({"notes__icontains": "n_s"}, {5}),
        ({"agent_id__isnull": "true"}, {5, 6}),
        ({"status": "", "search": "", "price__gte": " "}, {1, 2, 3, 4, 5, 6}),
        ({"created_at__gte": "2020-01-01T00:00:00Z"}, {1, 2, 3, 4, 5, 6}),
        ({"created_at__lt": "2020-01-01"}, set()),
        ({"user_id": str(uuid4())}, set()),
        ({"search": "main street"}, {1, 2}),
        ({"search": "street MAIN"}, {1, 2}),
        ({"search": "main"}, {1, 2, 5}),
        ({"search": "100%"}, {4}),
        ({"search": "oak sunny"}, {4}),
        ({"search": "nowhere"}, set()),
        ({"search": "oak", "status": "sold", "price__gt": "100"}, {3}),
    ],
)
def test_filters_and_search(homes: RecordsClient, parameters: dict[str, str], expected: set[int]) -> None:
    assert set(addresses(homes, **parameters)) == expected


def test_a_relation_filters_by_id(homes: RecordsClient) -> None:
    agents = {row["name"]: row["id"] for row in homes.list("agents").json()["results"]}
    assert set(addresses(homes, agent_id=agents["Bob"])) == {3, 4}
    assert set(addresses(homes, agent_id__in=f"{agents['Ada']},{agents['Cleo']}")) == {1, 2}


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("price", [2, 3, 1, 4, 5, 6]),
        ("-price", [5, 4, 1, 3, 2, 6]),
        ("address", [1, 2, 3, 4, 5, 6]),
        ("status,-address", [5, 4, 2, 6, 3, 1]),
        ("created_at", [1, 2, 3, 4, 5, 6]),
        ("agent_id,address", [2, 3, 4, 1, 5, 6]),
        ("-agent_id,address", [1, 3, 4, 2, 5, 6]),
    ],
)
def test_ordering(homes: RecordsClient, ordering: str, expected: list[int]) -> None:
    assert addresses(homes, ordering=ordering) == expected


def test_pages_follow_each_other(homes: RecordsClient) -> None:
    url, seen = homes.url("properties") + "?ordering=address&page_size=4&status__in=sold,available", []
    for _ in range(2):
        page = homes.client.get(url).json()
        assert page["count"] == 6
        seen += [int(row["address"][0]) for row in page["results"]]
        previous, url = page["previous"], page["next"]
    assert seen == [1, 2, 3, 4, 5, 6]
    assert url is None
    assert [int(row["address"][0]) for row in homes.client.get(previous).json()["results"]] == [1, 2, 3, 4]


def test_a_page_behind_the_last_is_empty(homes: RecordsClient) -> None:
    page = homes.list("properties", page=99).json()
    assert (page["count"], page["results"], page["next"]) == (6, [], None)


def test_the_total_is_only_counted_when_wanted(homes: RecordsClient) -> None:
    page = homes.list("properties", count="none", page_size=4).json()
    assert page["count"] is None
    estimated = homes.list("properties", count="estimated", page_size=4).json()
    assert (estimated["count"], estimated["counted"]) == (6, "exactly")
    assert page["next"]
    assert len(page["results"]) == 4
    assert homes.client.get(page["next"]).json()["next"] is None


@pytest.mark.parametrize(
    "parameters",
    [
        {"nonsense": "1"}, {"status__regex": "."}, {"agent__name": "Ada"}, {"agent_id__name": "Ada"},
        {"status__": "sold"}, {"__class__": "1"}, {"user__password": "x"}, {"By_t_showings_c_property_id": "x"},
        {"price__gte": "abc"}, {"price": "1e999999999"}, {"price__gt": "NaN"}, {"status": "burnt"},
        {"status__in": "sold,burnt"}, {"furnished": "perhaps"}, {"price__isnull": "maybe"}, {"listed_on": "soon"},
        {"created_at__gte": "yesterday"}, {"agent_id": "Ada"}, {"agent_id__in": "Ada,Bob"}, {"id": "1"},
        {"ordering": "password"}, {"ordering": "agent__email"}, {"ordering": "?"}, {"ordering": "--price"},
        {"ordering": "price;drop table properties"}, {"expand": "status"}, {"expand": "-agent_id"},
        {"expand": "user_id"},
        {"page": "0"}, {"page": "-1"}, {"page": "x"}, {"page": "1.5"}, {"page": "²"}, {"page": "9" * 30},
        {"page_size": "0"}, {"page_size": "201"}, {"count": "roughly"}, {"search": "x" * 201},
        {"cursor": "x"},
        {"search": "a\0b"}, {"address": "a\0b"}, {"format": "xml"}, {"status": ["sold", "available"]},
    ],
    ids=str,
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_named(homes: RecordsClient, parameters: dict[str, Any]) -> None:
    response = homes.list("properties", **parameters)
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")
    (name,) = parameters
    assert {error["path"] for error in response.json()["errors"]} == {f"query.{name}"}


def test_all_parameters_that_cannot_be_are_named_at_once(homes: RecordsClient) -> None:
    response = homes.list("properties", nonsense="1", page="x", ordering="y")
    assert {error["path"] for error in response.json()["errors"]} == {"query.nonsense", "query.page", "query.ordering"}


def test_a_single_record_has_no_list_parameters(homes: RecordsClient) -> None:
    made = homes.list("properties").json()["results"][0]
    assert homes.get("properties", made["id"], search="x").status_code == 400
    assert homes.get("properties", made["id"], expand="agent_id").status_code == 200


def test_every_filter_of_every_type_takes_or_names_any_value(things: RecordsClient) -> None:
    made = things.made("things", name="x")
    resource = get_runtime(things.project).resource("things")
    values = [
        "x",
        "1",
        "-1",
        "0.5",
        "true",
        "2026-11-20",
        "2026-11-20T10:00:00Z",
        "10:30",
        made["id"],
        "%",
        "1e400",
        "9" * 40,
        "'\"",
    ]
    for name in filter_names(resource):
        for value in values:
            response = things.list("things", **{name: value})
            assert response.status_code in (200, 400), (name, value)
            if response.status_code == 400:
                assert [error["path"] for error in response.json()["errors"]] == [f"query.{name}"], (name, value)


def test_every_column_with_an_order_orders_a_list(things: RecordsClient) -> None:
    for number in range(3):
        things.made("things", name=f"x{number}")
    resource = get_runtime(things.project).resource("things")
    sortable = orderable_columns(resource)
    assert {"name", "a_date", "company_id", "created_at"} <= {*sortable}
    for column in things.list("things").json()["results"][0]:
        for ordering in (column, f"-{column}"):
            response = things.list("things", ordering=ordering)
            assert response.status_code == (200 if column in sortable else 400), column
            assert column not in sortable or len(response.json()["results"]) == 3
