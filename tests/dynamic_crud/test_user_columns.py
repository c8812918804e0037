"""Columns that name a member of the project: who can be named, and what is shown for them."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.members import project_members
from core.models import User
from dynamic_crud.listing import ListQuery
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, as_member, page_of, provisioned
from tests.factories import UserFactory, share, unshare


@pytest.fixture
def user(database: None) -> User:
    return UserFactory(full_name="Ada Lovelace")


@pytest.fixture
def board(user: User) -> RecordsClient:
    """The tasks of `user`, by API."""
    return RecordsClient(client_of(user), provisioned(user, documents.tasks()))


@pytest.fixture
def leavers(board: RecordsClient, other_user: User) -> dict[str, Any]:
    """A task of somebody who is no member any more, by whom it was added."""
    (row,) = as_member(other_user, board.project, "tasks").create([{"title": "Left over"}], paths=["$"])
    unshare(board.project, other_user)
    return board.get("tasks", str(row.pk)).json()


def errors_of(response: Any) -> dict[str, str]:
    assert response.status_code == 400, response.content
    return {error["path"]: error["code"] for error in response.json()["errors"]}


def address(client: RecordsClient, name: str, *args: Any) -> str:
    return reverse(name, args=[client.project.pk, "tasks", *args])


def html(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.content.decode()


def test_the_owner_is_the_member_of_a_project(board: RecordsClient, user: User) -> None:
    (member,) = project_members(board.project)
    assert (member.id, member.name, member.email) == (user.pk, "Ada Lovelace", user.email)


def test_a_new_record_names_whoever_adds_it(board: RecordsClient, user: User, browser: Client) -> None:
    made = board.made("tasks", title="Call")
    assert (made["owner"], made["reviewer"]) == (str(user.pk), None)
    assert board.made("tasks", title="Call", owner=None)["owner"] is None
    form = html(browser.get(address(board, "record-create")))
    assert f'<option value="{user.pk}" selected>Ada Lovelace</option>' in form
    assert f'<option value="{user.pk}">Ada Lovelace</option>' in form  # the reviewer, whom nobody chose


def test_members_can_be_named(board: RecordsClient, user: User) -> None:
    made = board.made("tasks", title="Call", reviewer=str(user.pk))
    assert made["reviewer"] == str(user.pk)
    assert board.change("tasks", made["id"], {"owner": None}).json()["owner"] is None
    assert board.replace("tasks", made["id"], {"title": "Call"}).json()["owner"] == str(user.pk)
    assert board.get("tasks", made["id"]).json()["reviewer"] is None


@pytest.mark.parametrize("value", ["x", 5.5, True, [], {}, "a\0b", "me", "current_user"])
def test_what_is_no_id_names_nobody(board: RecordsClient, value: Any) -> None:
    assert list(errors_of(board.create("tasks", {"title": "Call", "owner": value}))) == ["$.owner"]


def test_others_cannot_be_named(board: RecordsClient, other_user: User) -> None:
    made = board.made("tasks", title="Call")
    said = []
    for stranger in (other_user.pk, uuid4(), made["id"]):
        for response in (
            board.create("tasks", {"title": "x", "owner": str(stranger)}),
            board.change("tasks", made["id"], {"reviewer": str(stranger)}),
            board.create("tasks", [{"title": "x"}, {"title": "y", "owner": str(stranger)}]),
        ):
            (code,) = errors_of(response).values()
            assert code == "not_a_member"
            said.append(response.json()["errors"][0]["detail"].replace(str(stranger), "ID"))
    assert len(set(said)) == 1
    assert board.list("tasks").json()["count"] == 1


def test_who_was_a_member_stays_named_until_it_is_changed(board: RecordsClient, leavers: dict[str, Any]) -> None:
    changed = board.change("tasks", leavers["id"], {"title": "Old", "owner": leavers["owner"]})
    assert (changed.status_code, changed.json()["owner"]) == (200, leavers["owner"])
    again = board.change("tasks", leavers["id"], {"reviewer": leavers["owner"]})
    assert errors_of(again) == {"$.reviewer": "not_a_member"}


def test_members_are_expanded_to_names(board: RecordsClient, user: User, leavers: dict[str, Any]) -> None:
    made = board.made("tasks", title="Call")
    expanded = board.get("tasks", made["id"], expand="owner,reviewer").json()
    assert expanded["owner"] == {"id": str(user.pk), "label": "Ada Lovelace"}
    assert expanded["reviewer"] is None
    (row,) = board.list("tasks", expand="owner", search="Left").json()["results"]
    assert row["owner"] == {"id": leavers["owner"], "label": "Former member"}
    created = board.create("tasks", {"title": "Mail"}, "?expand=owner").json()
    assert created["owner"]["label"] == "Ada Lovelace"


def test_a_list_is_filtered_by_members(board: RecordsClient, user: User, leavers: dict[str, Any]) -> None:
    board.made("tasks", title="Call")
    board.made("tasks", title="Idle", owner=None)

    def found(**parameters: Any) -> list[str]:
        answer = board.list("tasks", **parameters)
        assert answer.status_code == 200, answer.content
        return sorted(row["title"] for row in answer.json()["results"])

    assert found(owner=str(user.pk)) == ["Call"]
    assert found(owner="me") == ["Call"]
    assert found(owner=leavers["owner"]) == ["Left over"]
    assert found(owner__in=f"me,{leavers['owner']}") == ["Call", "Left over"]
    assert found(owner__isnull="true") == ["Idle"]
    for wrong in ({"owner": "x"}, {"owner__in": "me,x"}, {"ordering": "owner"}):
        assert board.list("tasks", **wrong).status_code == 400


def test_me_is_whoever_asks(board: RecordsClient, other_user: User, leavers: dict[str, Any]) -> None:
    board.made("tasks", title="Call")
    theirs = as_member(other_user, board.project, "tasks")
    assert [str(row) for row in page_of(theirs, ListQuery(filters={"owner": "me"})).rows] == ["Left over"]


def test_pages_show_names(board: RecordsClient, user: User, leavers: dict[str, Any], browser: Client) -> None:
    made, other = board.made("tasks", title="Call"), leavers["owner"]
    listing = html(browser.get(address(board, "record-list")))
    assert ("Ada Lovelace" in listing, "Former member" in listing) == (True, True)
    assert other not in listing
    assert "Ada Lovelace" in html(browser.get(address(board, "record-detail", made["id"])))
    assert "Former member" in html(browser.get(address(board, "record-detail", leavers["id"])))
    filtered = html(browser.get(address(board, "record-list"), {"owner": str(user.pk)}))
    assert "Remove filter: Owner is Ada Lovelace" in filtered
    assert f'<option value="{user.pk}" selected>Ada Lovelace</option>' in filtered
    assert "Left over" not in filtered
    assert "Remove filter: Owner is me" in html(browser.get(address(board, "record-list"), {"owner": "me"}))
    gone = html(browser.get(address(board, "record-list"), {"owner": other}))
    assert f'<option value="{other}" selected>Former member</option>' in gone


def test_somebody_without_a_name_is_called_by_their_email(board: RecordsClient, user: User, browser: Client) -> None:
    user.full_name = ""
    user.save()
    board.made("tasks", title="Call")
    assert user.email in html(browser.get(address(board, "record-list")))


def test_a_member_is_no_title(user: User, browser: Client) -> None:
    document = {"name": "x", "tables": [{"name": "shifts", "columns": [{"name": "worker", "type": "user"}]}]}
    shifts = RecordsClient(client_of(user), provisioned(user, document))
    made = shifts.made("shifts", worker=str(user.pk))
    page = html(browser.get(reverse("record-list", args=[shifts.project.pk, "shifts"])))
    assert f">Shift {made['id'][:8]}</a>" in page
    assert "Ada Lovelace" in page.partition("<tbody>")[2]


def test_a_form_takes_members_and_who_was_one(
    board: RecordsClient, user: User, other_user: User, leavers: dict[str, Any], browser: Client
) -> None:
    create = address(board, "record-create")
    assert browser.post(create, {"title": "Call", "owner": "", "reviewer": str(user.pk)}).status_code == 302
    (made,) = board.list("tasks", search="Call").json()["results"]
    assert (made["owner"], made["reviewer"]) == (None, str(user.pk))
    for stranger in ("x", "me", str(uuid4()), str(other_user.pk)):
        page = html(browser.post(create, {"title": "No", "owner": stranger}), 422)
        assert "There is no such member of this project." in page
    edit = address(board, "record-edit", leavers["id"])
    assert f'<option value="{leavers["owner"]}" selected>Former member</option>' in html(browser.get(edit))
    assert browser.post(edit, {"title": "Old", "owner": leavers["owner"]}).status_code == 302
    assert board.get("tasks", leavers["id"]).json()["owner"] == leavers["owner"]
    assert browser.post(edit, {"title": "Old", "reviewer": leavers["owner"]}).status_code == 422


def test_a_related_list_shows_names_too(board: RecordsClient, user: User, browser: Client) -> None:
    document = documents.tasks()
    document["tables"][1]["columns"].append({"name": "author", "type": "user", "default": "current_user"})
    notes = RecordsClient(client_of(user), provisioned(user, document))
    task = notes.made("tasks", title="Call", owner=None)
    notes.made("notes", text="Hello", task_id=task["id"])
    page = browser.get(reverse("record-detail", args=[notes.project.pk, "tasks", task["id"]]))
    assert "Ada Lovelace" in html(page).partition("vc-related")[2]


def test_a_file_has_ids_and_names(board: RecordsClient, user: User, browser: Client) -> None:
    board.made("tasks", title="Call")
    response = browser.get(address(board, "record-list"), {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert (row["owner"], row["owner (label)"]) == (str(user.pk), "Ada Lovelace")
    assert (row["reviewer"], row["reviewer (label)"]) == ("", "")


def test_names_cost_no_query_a_row(board: RecordsClient) -> None:
    queries = []
    for count in (1, 40):
        board.create("tasks", [{"title": f"{count}-{n}"} for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            assert board.list("tasks", expand="owner").status_code == 200
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_who_the_members_are_is_one_question(board: RecordsClient, other_user: User) -> None:
    share(board.project, other_user)
    with CaptureQueriesContext(connection) as captured:
        assert len(project_members(board.project)) == 2
    assert len([each for each in captured if "core_projectmember" in each["sql"]]) == 1
