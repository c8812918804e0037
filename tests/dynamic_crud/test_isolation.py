"""Who sees what: strangers nothing, members what the policies give them, the owner all."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import BadRequest, NotFound
from core.models import Project, User
from dynamic_crud.listing import Shape
from dynamic_crud.written import Wanted
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, as_member, change_row, page_of, provisioned
from tests.dynamic_crud.documents import shared


@pytest.fixture
def board(user: User) -> Project:
    """A project with a private table and one that all its members share."""
    return provisioned(user, shared())


def test_a_stranger_meets_the_same_404_whether_it_exists_or_not(estate: RecordsClient, other_user: User) -> None:
    made = estate.made("agents", name="Ada", email="ada@example.com")
    stranger = RecordsClient(client_of(other_user), estate.project)
    for response in (
        stranger.list("agents"), stranger.list("agents", search="Ada"), stranger.list("agents", id=made["id"]),
        stranger.list("agents", nonsense="1"), stranger.list("no_such_table"), stranger.get("agents", made["id"]),
        stranger.get("agents", str(uuid4())), stranger.get("agents", made["id"], expand="x"),
        stranger.create("agents", {"name": "Eve"}), stranger.create("agents", {"nonsense": 1}),
        stranger.replace("agents", made["id"], {"name": "Eve"}), stranger.change("agents", made["id"], {"name": "Eve"}),
        stranger.delete("agents", made["id"]),
    ):  # fmt: skip
        assert response.status_code == 404
        assert response.json()["detail"] == stranger.list("agents").json()["detail"]
    assert estate.list("agents").json()["count"] == 1
    assert estate.get("agents", made["id"]).json() == made


def test_a_stranger_finds_no_page(estate: RecordsClient, other_user: User) -> None:
    made = estate.made("agents", name="Ada")
    stranger = Client()
    stranger.force_login(other_user)
    base = [estate.project.pk, "agents"]
    addresses = [
        *(reverse(name, args=base) for name in ("record-list", "record-create", "record-choices")),
        *(reverse(name, args=[*base, made["id"]]) for name in ("record-detail", "record-edit", "record-delete")),
    ]
    for address in addresses:
        assert stranger.get(address).status_code == 404
        assert "Ada" not in stranger.get(address).content.decode()
    for name in ("record-edit", "record-delete"):
        assert stranger.post(reverse(name, args=[*base, made["id"]]), {"name": "Eve"}).status_code == 404
    assert stranger.post(reverse("record-create", args=base), {"name": "Eve"}).status_code == 404
    assert estate.list("agents").json()["results"] == [made]


def test_records_of_another_project_of_the_same_user_stay_apart(estate: RecordsClient, user: User) -> None:
    made = estate.made("agents", name="Ada")
    other = RecordsClient(
        estate.client,
        provisioned(user, {"name": "x", "tables": [{"name": "agents", "columns": [{"name": "name", "type": "text"}]}]}),
    )
    assert other.get("agents", made["id"]).status_code == 404
    assert other.list("agents").json()["count"] == 0


def test_a_member_sees_own_rows_of_a_private_table_and_the_owner_all(
    board: Project, user: User, other_user: User
) -> None:
    owners, members = as_member(user, board, "secrets"), as_member(other_user, board, "secrets")
    (hers,) = owners.create([{"title": "Hers"}], paths=["$"])
    (his,) = members.create([{"title": "His"}], paths=["$"])
    assert his.user_id == other_user.pk
    assert {str(row) for row in page_of(owners).rows} == {"Hers", "His"}
    assert [str(row) for row in page_of(members).rows] == ["His"]
    assert page_of(members).total == 1
    assert str(owners.get(his.pk)) == "His"
    for attempt in (
        lambda: members.get(hers.pk),
        lambda: change_row(members, hers.pk, {"title": "Mine"}),
        lambda: members.delete(hers.pk),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert str(owners.get(hers.pk)) == "Hers"


def test_a_row_stays_in_the_list_when_what_it_points_to_is_hidden(board: Project, user: User, other_user: User) -> None:
    (secret,) = as_member(user, board, "secrets").create([{"title": "Hers"}], paths=["$"])
    (notice,) = as_member(user, board, "notices").create([{"text": "Hello", "secret_id": secret.pk}], paths=["$"])
    seen = as_member(other_user, board, "notices")
    assert [row.pk for row in page_of(seen).rows] == [notice.pk]
    with seen.door() as door:
        (shown,) = Wanted(seen.resource, Shape(expand=("secret_id",))).fetch(door, [notice.pk])
    assert json.loads(shown.json)["secret_id"] == {"id": str(secret.pk), "label": None}
    assert "Hers" not in shown.json


def test_a_row_whose_link_is_hidden_stays_editable(board: Project, user: User, other_user: User) -> None:
    (secret,) = as_member(user, board, "secrets").create([{"title": "Hers"}], paths=["$"])
    (notice,) = as_member(user, board, "notices").create([{"text": "Hello", "secret_id": secret.pk}], paths=["$"])
    editor = as_member(other_user, board, "notices")
    changed = change_row(editor, notice.pk, {"text": "Bye", "secret_id": secret.pk})
    assert str(changed) == "Bye"


def test_a_member_cannot_link_to_a_hidden_row_nor_learn_that_it_exists(
    board: Project, user: User, other_user: User
) -> None:
    (secret,) = as_member(user, board, "secrets").create([{"title": "Hers"}], paths=["$"])
    notices = as_member(other_user, board, "notices")
    said = []
    for target in (secret.pk, uuid4()):
        with pytest.raises(BadRequest) as refused:
            notices.create([{"text": "Hello", "secret_id": target}], paths=["$"])
        said.append(json.dumps(refused.value.to_json()).replace(str(target), "ID"))
    assert said[0] == said[1]
