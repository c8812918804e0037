"""Many rows of a list deleted or edited at once: those that were seen, all of them or none, and back again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from core import jobs
from core.models import Job, User
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, dump, page

TIMES = ("updated_at",)


@pytest.fixture
def homes(estate: RecordsClient) -> list[dict[str, Any]]:
    """Thirty properties at a hundred each, a third of them sold."""
    rows = [
        {"address": f"{n} Elm St", "price": "100", "status": "sold" if n % 3 else "available", "furnished": bool(n % 2)}
        for n in range(30)
    ]
    return estate.create("properties", rows).json()


def post(estate: RecordsClient, browser: Client, action: str, **data: Any) -> Any:
    return browser.post(page(estate, f"record-bulk-{action}", table="properties"), data)


def count(estate: RecordsClient, **filters: Any) -> int:
    return int(estate.list("properties", **filters).json()["count"])


def undo(estate: RecordsClient, browser: Client, response: Any) -> str:
    """Presses Undo in the message of the page that a change led to; returns what is said then."""
    assert response.status_code == 302, response.content
    (message,) = browser.get(response["Location"]).context["messages"]
    assert message.extra_tags.endswith("/restore/")
    after = browser.post(message.extra_tags, follow=True)
    (told,) = after.context["messages"]
    return str(told)


def test_ticked_rows_are_deleted_and_come_back(
    estate: RecordsClient, homes: list[dict[str, Any]], browser: Client, superuser
) -> None:
    estate.made("showings", visitor="Bob", starts_at="2026-01-02T03:04:05Z", property_id=homes[0]["id"])
    ids, before = [home["id"] for home in homes[:3]], dump(superuser, estate.project)
    asked = post(estate, browser, "delete", _ids=ids)
    assert (asked.status_code, asked.context["count"]) == (200, 3)
    assert [(each.effect, each.count) for each in asked.context["consequences"]] == [("delete", 1)]
    assert dump(superuser, estate.project) == before
    done = post(estate, browser, "delete", _ids=ids, _expected="3")
    assert (count(estate), estate.list("showings").json()["count"]) == (27, 0)
    assert undo(estate, browser, done) == "3 properties and 1 showing were restored."
    assert dump(superuser, estate.project) == before


def test_all_that_match_are_edited_and_changed_back(
    estate: RecordsClient, homes: list[dict[str, Any]], browser: Client, superuser
) -> None:
    agent, before = estate.made("agents", name="Ada"), dump(superuser, estate.project, but=TIMES)
    chosen = {"_all": "1", "_query": "status=sold&page=2&ordering=-price"}
    assert post(estate, browser, "edit", **chosen).context["count"] == 20
    values = {"_change": ["price", "agent", "furnished"], "price": "7.50", "agent": agent["id"], "address": "ignored"}
    done = post(estate, browser, "edit", **chosen, **values, _expected="20")
    assert count(estate, price="7.50", agent_id=agent["id"], furnished="false") == 0
    assert count(estate, price="7.50", agent_id=agent["id"], furnished__isnull="true") == 20
    assert count(estate, address="ignored") == 0
    (batch,) = estate.trash()
    assert (batch["edited"], batch["deleted"]) == (["20 properties"], [])
    assert undo(estate, browser, done) == "20 edited records were restored."
    assert dump(superuser, estate.project, but=TIMES) == before


def test_nobody_changes_more_than_they_have_seen(
    estate: RecordsClient, homes: list[dict[str, Any]], browser: Client, superuser
) -> None:
    before = dump(superuser, estate.project)
    for action, data in (("delete", {}), ("edit", {"_change": "price", "price": "1"})):
        response = post(estate, browser, action, _all="1", _query="status=sold", _expected="19", **data)
        assert (response.status_code, response.context["count"]) == (409, 20)
        gone = post(estate, browser, action, _ids=[homes[0]["id"], str(UUID(int=7))], _expected="2", **data)
        assert (gone.status_code, gone.context["count"]) == (409, 1)
    assert dump(superuser, estate.project) == before


def test_undo_says_which_rows_were_changed_since(
    estate: RecordsClient, homes: list[dict[str, Any]], browser: Client
) -> None:
    ids = [home["id"] for home in homes[:3]]
    post(estate, browser, "edit", _ids=ids, _expected="3", _change="price", price="7")
    estate.change("properties", ids[0], {"price": "8"})
    estate.delete("properties", ids[1])
    (batch,) = [each for each in estate.trash() if each["edited"]]
    refused = estate.restore(batch["batch"])
    assert refused.status_code == 409
    assert [error["code"] for error in refused.json()["errors"]] == ["changed_since"] * 2
    assert estate.get("properties", ids[2]).json()["price"] == "7.00"
    assert estate.restore(batch["batch"], accept_losses=True).json()["edited"] == 1
    assert [estate.get("properties", pk).json()["price"] for pk in (ids[0], ids[2])] == ["8.00", "100.00"]


def test_links_of_many_are_set_and_changed_back(
    book: RecordsClient, tags: list[str], browser: Client, superuser
) -> None:
    rows = [{"name": name, "tags": tags[:at]} for at, name in enumerate(("Ada", "Bob", "Cid"))]
    ids = [row["id"] for row in book.create("contacts", rows).json()]
    before = dump(superuser, book.project, but=TIMES)
    url = page(book, "record-bulk-edit", table="contacts")
    done = browser.post(url, {"_ids": ids, "_expected": "3", "_change": "tags", "tags": tags[1:3]})
    assert [sorted(book.get("contacts", pk).json()["tags"]) for pk in ids] == [sorted(tags[1:3])] * 3
    undo(book, browser, done)
    assert dump(superuser, book.project, but=TIMES) == before
    assert "name" not in browser.post(url, {"_ids": ids}).context["form"].fields  # unique: no value for many


def test_what_does_not_fit_is_said_beside_its_field(
    estate: RecordsClient, homes: list[dict[str, Any]], browser: Client, superuser
) -> None:
    before, chosen = dump(superuser, estate.project), {"_ids": [home["id"] for home in homes], "_expected": "30"}
    for data, field in (
        ({"_change": "price", "price": "-1"}, "price"),
        ({"_change": "status", "status": ""}, "status"),
        ({"_change": "agent", "agent": str(UUID(int=7))}, "agent"),
        ({"price": "1"}, "__all__"),
        ({"_change": "nonsense"}, "__all__"),
    ):
        response = post(estate, browser, "edit", **chosen, **data)
        assert response.status_code == 422, response.content
        assert [*response.context["form"].errors] == [field]
        assert "listed_on" in response.context["form"].fields
    same = post(estate, browser, "edit", **chosen, _change=["address", "status"], address="1 Elm St", status="sold")
    assert same.status_code == 409  # two columns that are unique together
    for data in ({}, {"_ids": "x"}, {"_ids": [str(UUID(int=n)) for n in range(1001)]}, {"_all": "1", "_query": "x=1"}):
        for action in ("edit", "delete"):
            assert post(estate, browser, action, **data).status_code == 400
    assert post(estate, browser, "delete", _all="1", _expected="x").status_code == 400
    assert dump(superuser, estate.project) == before


def test_very_many_are_a_job_that_is_done_once(estate: RecordsClient, browser: Client, user: User) -> None:
    for start in (0, 600):
        estate.create("properties", [{"address": str(n)} for n in range(start, start + 600)])
    response = post(estate, browser, "edit", _all="1", _query="", _expected="1200", _change="price", price="5")
    job_id = UUID(response["Location"].split("/jobs/")[1][:36])
    jobs.run(job_id)
    job = jobs.find(user, job_id)
    assert (job.status, job.result) == (Job.Status.SUCCEEDED, {"action": "edit", "count": 1200}), job.error
    assert count(estate, price="5") == 1200
    back = browser.get(page(estate, "record-bulk-done", job_id, table="properties"))
    (message,) = browser.get(back["Location"]).context["messages"]
    restore = browser.post(message.extra_tags)
    jobs.run(UUID(restore["Location"].split("/jobs/")[1][:36]))
    assert count(estate, price__isnull="true") == 1200


def test_strangers_change_nothing(estate: RecordsClient, homes: list[dict[str, Any]], other_user: User) -> None:
    stranger = Client()
    stranger.force_login(other_user)
    for action in ("edit", "delete"):
        data = {"_ids": [homes[0]["id"]], "_expected": "1", "_change": "price", "price": "1"}
        assert post(estate, stranger, action, **data).status_code == 404
    assert RecordsClient(client_of(other_user), estate.project).list("properties").status_code == 404
    assert count(estate) == 30
