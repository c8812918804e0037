"""Groups of conditions: what they let through, and what of them is refused, in the API and in the filter builder."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from dynamic_crud.conditions import MAX_CONDITIONS, MAX_DEPTH, Condition, Group
from dynamic_crud.filter_controls import filterable, lookups_of
from dynamic_crud.filter_draft import complete, read_draft, split, step
from dynamic_crud.filters import filter_names
from dynamic_crud.runtime import get_runtime
from schemas.column_types import column_types
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, runtime_of
from tests.dynamic_crud.hostile import TEXTS


@pytest.fixture
def homes(estate: RecordsClient) -> RecordsClient:
    """Four properties and their agents."""
    ada, bob = (row["id"] for row in estate.create("agents", [{"name": "Ada"}, {"name": "Bob"}]).json())
    for number, price, status, agent in (
        (1, "100", "sold", ada), (2, "200", "available", ada), (3, "300", "sold", bob), (4, None, "available", None),
    ):  # fmt: skip
        estate.made("properties", address=f"{number} Elm", price=price, status=status, agent_id=agent)
    return estate


def found(client: RecordsClient, condition: Any, **parameters: Any) -> str:
    """The house numbers that a condition lets through."""
    answer = client.list("properties", filter=json.dumps(condition), ordering="address", **parameters)
    assert answer.status_code == 200, answer.json()
    return "".join(row["address"][0] for row in answer.json()["results"])


def test_groups_join_conditions_with_and_and_or(homes: RecordsClient) -> None:
    agents = {row["name"]: row["id"] for row in homes.list("agents").json()["results"]}
    for condition, expected in (
        ({"status": "sold"}, "13"),
        ({"price__gte": 200}, "23"),
        ({"or": [{"price__lt": 150}, {"price__gt": 250.5}]}, "13"),
        ({"and": [{"price__gte": 200}, {"price__lte": 200}]}, "2"),
        ({"or": [{"price": "300"}, {"price__isnull": True}]}, "34"),
        ({"or": [{"address__icontains": "4"}, {"and": [{"status": "sold"}, {"agent_id": agents["Ada"]}]}]}, "14"),
        ({"and": [{"or": [{"status": "sold"}, {"price": 200}]}, {"or": [{"price": 100}, {"price": 200}]}]}, "12"),
        ({"status__in": ["sold", "available"]}, "1234"),
        ({"agent_id__in": list(agents.values())}, "123"),
        ({"or": [{"agent_id__isnull": False}, {"furnished": True}]}, "123"),
    ):
        assert found(homes, condition) == expected, condition
    assert found(homes, {"or": [{"price": 100}, {"price": 300}]}, agent_id=agents["Bob"], search="elm") == "3"


def deep(depth: int) -> Any:
    return {"status": "sold"} if depth == 0 else {"or": [deep(depth - 1)]}


REFUSED = [
    ("sold", "filter"), ("[]", "filter"), ('"x"', "filter"), ("{}", "filter"), ("null", "filter"), ("NaN", "filter"),
    ('{"status": "sold", "price": 1}', "filter"), ('{"or": []}', "filter.or"), ('{"or": {}}', "filter.or"),
    ('{"or": [1]}', "filter.or[0]"), ('{"or": [{"status": "sold"}, {"and": [[]]}]}', "filter.or[1].and[0]"),
    ('{"not": [{"status": "sold"}]}', "filter.not"), ('{"password": "x"}', "filter.password"),
    ('{"agent__email": "x"}', "filter.agent__email"), ('{"status__regex": "."}', "filter.status__regex"),
    ('{"user__password__startswith": "a"}', "filter.user__password__startswith"),
    ('{"status": null}', "filter.status"), ('{"status": {"a": 1}}', "filter.status"),
    ('{"status": ["sold"]}', "filter.status"), ('{"status__in": [["sold"]]}', "filter.status__in"),
    ('{"status__in": []}', "filter.status__in"), ('{"status": " "}', "filter.status"),
    ('{"address": "a\\u0000b"}', "filter.address"), ('{"and": [{"price": "abc"}]}', "filter.and[0].price"),
    ('{"or": [{"price": 1}, {"status": "burnt"}]}', "filter.or[1].status"),
    ('{"agent_id": "x"}', "filter.and[0].agent_id"), ('{"price__gt": 1e400}', "filter"),
    (json.dumps(deep(MAX_DEPTH + 1)), "filter.or[0].or[0].or[0].or[0].or"), ("[" * 100_000, "filter"),
    (json.dumps({"or": [{"price": 1}] * (MAX_CONDITIONS + 1)}), "filter.or"),
    (json.dumps({"or": [{"or": [{"price": 1}] * 30}] * 30}), "filter"), ("\ud800", "filter"),
    ('{"or": [{"price": 1}]', "filter"),
]  # fmt: skip
"""Filters that cannot be, each with the place that is wrong."""


def test_a_filter_that_cannot_be_is_refused_with_its_place(homes: RecordsClient) -> None:
    for text, path in REFUSED:
        response = homes.list("properties", filter=text.encode("utf-8", "surrogatepass"))
        assert response.status_code == 400, text[:200]
        assert response["Content-Type"].startswith("application/problem+json")
        assert {error["path"] for error in response.json()["errors"]} == {f"query.{path}"}, text[:200]
        assert len(response.content) < 4000


def test_the_deepest_and_the_widest_filter_are_answered(homes: RecordsClient) -> None:
    assert found(homes, deep(MAX_DEPTH)) == "13"
    assert found(homes, {"or": [{"price": number} for number in range(90, 90 + MAX_CONDITIONS)]}) == "1"


def test_every_filter_of_every_type_says_the_same_in_a_group(things: RecordsClient) -> None:
    """And takes or names any value, however hostile."""
    made = things.made("things", name="x")
    names = filter_names(get_runtime(things.project).resource("things"))
    values = ["1", "true", "2026-11-20", "10:30", made["id"], *TEXTS[:5]]
    for number, name in enumerate(names):
        for value in (values[number % 5], values[5 + number % 5]):
            plain = things.list("things", **{name: value})
            group = things.list("things", filter=json.dumps({"or": [{name: value}]}))
            assert plain.status_code == group.status_code, (name, value)
            if plain.status_code == 200:
                assert plain.json() == group.json(), (name, value)
            else:
                assert group.json()["errors"][0]["path"] == f"query.filter.or[0].{name}"


def inputs(group: Group, path: str = "g") -> str:
    """What the builder's form sends for a group."""
    data = QueryDict(mutable=True)
    data[path] = group.joint
    for index, part in enumerate(group.parts):
        place = f"{path}.{index}"
        if isinstance(part, Group):
            data.update(QueryDict(inputs(part, place)))
            continue
        column, _, lookup = part.name.partition("__")
        empty = {"true": "empty", "false": "filled"}
        data[f"{place}.column"] = column
        data[f"{place}.lookup"] = empty[part.text] if lookup == "isnull" else lookup or "exact"
        data[f"{place}.value"] = part.text
    return data.urlencode()


def test_what_the_builder_sends_is_read_as_it_was_meant() -> None:
    resource = runtime_of(documents.estate()).resource("properties")
    sold, cheap, new = Condition("status", "sold"), Condition("price__lt", "9"), Condition("listed_on__isnull", "true")
    group = Group("and", (sold, Group("or", (cheap, Group("and", (new, cheap)))), sold))
    assert read_draft(resource, QueryDict(inputs(group))) == group
    assert complete(group) == group
    assert split(group) == ({"status": "sold"}, Group("and", (group.parts[1], sold)))
    assert split(Group("or", (sold, cheap))) == ({}, Group("or", (sold, cheap)))
    gaps = Group("and", (Condition("price", " "), Group("or", (sold, Condition("price", "")))))
    assert complete(gaps) == Group("and", (sold,))
    assert complete(Group("or", ())) is None


def test_steps_of_the_builder_change_the_place_that_they_name() -> None:
    resource = runtime_of(documents.estate()).resource("properties")
    sold, first = Condition("status", "sold"), Condition("address__icontains", "")
    draft = Group("and", (sold,))
    assert step(resource, draft, "add", "g") == Group("and", (sold, first))
    nested = step(resource, draft, "group", "g")
    assert nested == Group("and", (sold, Group("or", (first, first))))
    assert step(resource, nested, "add", "g.1").parts[1] == Group("or", (first,) * 3)
    assert step(resource, nested, "remove", "g.1.0").parts[1] == Group("or", (first,))
    assert step(resource, nested, "remove", "g.0") == Group("and", nested.parts[1:])
    for action, place in (("remove", "g"), ("remove", "g.9"), ("remove", ""), ("add", "x"), ("drop", "g"), ("", "")):
        assert step(resource, draft, action, place) == draft


def builder(client: RecordsClient, table: str = "properties") -> str:
    return reverse("record-filters", args=[client.project.pk, table])


def test_the_builder_works_as_plain_pages(homes: RecordsClient, browser: Client) -> None:
    asked = "status=sold&ordering=price&page=3&columns=address,price"
    page = browser.get(builder(homes), {"list": asked}).content.decode()
    assert re.search(r'name="g.0.column".*?<option value="status" selected', page, re.S)
    assert re.search(r'name="g.0.value".*?<option value="sold" selected', page, re.S)
    both = Group("or", (Condition("price__gte", "200"), Condition("agent_id__isnull", "true")))
    form = f"{inputs(Group('and', (Condition('status', 'sold'), both)))}&list={asked.replace('&', '%26')}"
    response = browser.get(f"{builder(homes)}?{form}&do=apply")
    assert response.status_code == 302
    address = QueryDict(response["Location"].partition("?")[2])
    assert address["status"] == "sold"
    assert json.loads(address["filter"]) == both.to_json()
    assert (address["ordering"], address["columns"], "page" in address) == ("price", "address,price", False)
    listing = browser.get(response["Location"]).content.decode()
    assert "3 Elm" in listing
    assert "1 Elm" not in listing
    assert "Remove filter: Price from 200" in listing.replace(" or Agent is empty", "")
    assert "Price from 200 or Agent is empty" in listing


def test_the_builder_offers_every_lookup_of_every_type(things: RecordsClient, browser: Client) -> None:
    """With a control that keeps what was chosen, whatever it was."""
    company = things.made("companies", name="Acme")
    resource = get_runtime(things.project).resource("things")
    seen = set()
    for name, item in filterable(resource).items():
        seen.add(item.type.key)
        for lookup in lookups_of(item):
            key = "empty" if lookup == "isnull" else lookup
            value = company["id"] if item.column.is_relation else "<b>\"'\u202e"
            data = {"g": "and", "g.0.column": name, "g.0.lookup": key, "g.0.value": value}
            response = browser.get(builder(things, "things"), data, headers={"HX-Request": "true"})
            page = response.content.decode()
            assert response.status_code == 200, (name, lookup)
            assert re.search(rf'name="g.0.lookup".*?<option value="{key}"[^>]* selected', page, re.S), (name, lookup)
            assert ('name="g.0.value"' in page) == (lookup != "isnull"), (name, lookup)
            assert "<b>" not in page
            assert not item.column.is_relation or lookup == "isnull" or "Acme" in page
    assert seen == {kind.key for kind in column_types}


def test_nothing_sent_to_the_builder_breaks_it(homes: RecordsClient, browser: Client) -> None:
    for number, long in enumerate(TEXTS):
        text = long[:3000]
        add = f"add:{text}"
        sent = (
            {"list": text},
            {"g": text, "do": text},
            {"g": "or", "g.0.column": text, "g.0.lookup": text, "do": add},
            {"g": "or", "g.0.column": "price", "g.0.lookup": "exact", "g.0.value": text},
            {"g": "or", "g.0.column": "agent_id", "g.0.lookup": "in", "g.0.value": text},
        )[number % 5]
        assert browser.get(builder(homes), sent, headers={"HX-Request": "true"}).status_code == 200, text
        applied = {"g": "or", "g.0.column": "address", "g.0.lookup": "icontains", "g.0.value": text, "do": "apply"}
        response = browser.get(builder(homes), applied)
        assert response.status_code == 302, text
        if number % 6 == 0:
            assert browser.get(response["Location"]).status_code in (200, 400), text
