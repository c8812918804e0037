"""The trash: what was deleted comes back as it was, whatever went with it, to whom it belongs and to nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from core import jobs, upkeep
from core.errors import Conflict, Forbidden, NotFound
from core.models import Job, Project, User
from core.permissions import access_project
from core.tenancy import open_project
from dynamic_crud.trash.emptying import delete_for_good
from dynamic_crud.trash.restoring import restore
from provisioning import service
from tests.at_once import at_once
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, as_member, dump, provisioned
from tests.factories import UserFactory, share

TIMES = ("updated_at",)
FORGED = """
insert into _trash (batch, kind, table_id, record_id, user_id, done_by, is_direct, is_shown, version, record)
values (gen_random_uuid(), 'deleted', '', gen_random_uuid(), auth.uid(), auth.uid(), true, true, 1, '{}')
"""
BAIT = """
create temporary table bait (id uuid, user_id uuid);
create trigger caught before delete on bait for each row execute function _keep_deleted('x', 'project')
"""


def ask(project: Project, user: User, role: Any, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What somebody gets who may write SQL of their own."""
    with open_project(project, user.pk, role) as door, door.connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall()) if cursor.description else []


def reprovision(user: User, project: Project, document: dict[str, Any]) -> Project:
    job = service.provision(user, access_project(user, project.pk), document, confirm_destructive=True)
    assert job is not None
    jobs.run(job.pk)
    assert jobs.find(user, job.pk).status == Job.Status.SUCCEEDED, jobs.find(user, job.pk).error
    return access_project(user, project.pk)


def home_of(estate: RecordsClient) -> dict[str, dict[str, Any]]:
    """An agent with a property that has two showings; the agent is of one of them too."""
    agent = estate.made("agents", name="Ada", email="ada@example.com")
    home = estate.made("properties", address="1 Elm St", price="100.50", agent_id=agent["id"])
    showing = {"starts_at": "2026-01-02T03:04:05.678901Z", "property_id": home["id"]}
    first = estate.made("showings", visitor="Bob", agent_id=agent["id"], **showing)
    estate.made("showings", visitor="Cid", **showing)
    return {"agent": agent, "home": home, "showing": first}


def codes(response: Any) -> set[str]:
    assert response.status_code == 409, response.content
    return {error["code"] for error in response.json()["errors"]}


# Coming back


def test_what_a_delete_takes_along_and_unlinks_comes_back(estate: RecordsClient, superuser) -> None:
    made = home_of(estate)
    before = dump(superuser, estate.project, but=TIMES)
    for table, record, told in (
        ("properties", made["home"], {"deleted": ["1 property"], "deleted_along": ["2 showings"], "unlinked": []}),
        (
            "agents",
            made["agent"],
            {"deleted": ["1 agent"], "deleted_along": [], "unlinked": ["1 property", "1 showing"]},
        ),
    ):
        assert estate.delete(table, record["id"]).status_code == 204
        (batch,) = estate.trash()
        assert {name: sorted(batch[name]) for name in told} == told
        assert batch["done_by"] == {"id": str(estate.project.owner_id), "label": "You"}
        restored = estate.restore(batch["batch"]).json()
        assert restored["losses"] == []
        assert dump(superuser, estate.project, but=TIMES) == before
        assert estate.trash() == []
        assert estate.restore(batch["batch"]).status_code == 404


def test_links_and_rows_in_a_circle_come_back(book: RecordsClient, tags: list[str], superuser) -> None:
    company = book.made("companies", name="Acme", labels=tags[:2])
    ada = book.made("contacts", name="Ada", company_id=company["id"], tags=tags)
    book.made("contacts", name="Bob", company_id=company["id"], friends=[ada["id"]])
    before = dump(superuser, book.project, but=TIMES)
    assert book.delete("companies", company["id"]).status_code == 204
    assert book.list("contacts").json()["count"] == 0
    (batch,) = book.trash()
    assert (batch["deleted"], batch["deleted_along"], batch["count"]) == (["1 company"], ["2 contacts"], 3)
    book.restore(batch["batch"])
    assert dump(superuser, book.project, but=TIMES) == before


def test_rows_that_point_to_each_other_in_a_circle_come_back_at_once(user: User, superuser) -> None:
    people = {"name": "people", "columns": [{"name": "name", "type": "text", "required": True}]}
    links = [
        {
            "from_table": "people",
            "from_column": column,
            "to_table": "people",
            "type": "many_to_one",
            "on_delete": effect,
        }
        for column, effect in (("boss_id", "cascade"), ("friend_id", "set_null"))
    ]
    project = provisioned(user, {"name": "People", "tables": [people], "relationships": links})
    people_api = RecordsClient(client_of(user), project)
    ids = [people_api.made("people", name=name)["id"] for name in "ABC"]
    for place, pk in enumerate(ids):
        people_api.change("people", pk, {"boss_id": ids[place - 1], "friend_id": ids[(place + 1) % 3]})
    before = dump(superuser, project, but=TIMES)
    assert people_api.delete("people", ids[0]).status_code == 204
    assert people_api.list("people").json()["count"] == 0
    (batch,) = people_api.trash()
    assert people_api.restore(batch["batch"]).json()["restored"] == 3
    assert dump(superuser, project, but=TIMES) == before


def test_single_rows_come_back_with_what_went_along_with_them(estate: RecordsClient) -> None:
    made, other = home_of(estate), estate.made("properties", address="2 Elm St")
    records = as_member(estate.project.owner, estate.project, "properties")
    with records.writing() as door:
        records.resource.model.objects.using(door.alias).all().delete()
    (batch,) = estate.trash()
    assert batch["count"] == 4
    assert estate.restore(batch["batch"], records=[made["home"]["id"]]).json()["rows"] == ["1 property", "2 showings"]
    assert estate.list("showings").json()["count"] == 2
    (left,) = estate.trash(search="2 elm", table="properties")
    assert [row["title"] for row in left["records"]] == ["2 Elm St"]
    assert estate.trash(search="nothing like it") == estate.trash(table="agents") == []
    assert estate.restore(batch["batch"], records=[other["id"]]).json()["restored"] == 1
    assert estate.trash() == []


def test_what_is_in_the_way_is_told_and_nothing_is_half_done(estate: RecordsClient, superuser) -> None:
    made = home_of(estate)
    estate.delete("properties", made["home"]["id"])
    estate.delete("agents", made["agent"]["id"])
    estate.made("properties", address="1 Elm St")
    before = dump(superuser, estate.project)
    of_agent, of_home = (batch["batch"] for batch in estate.trash())
    assert codes(estate.restore(of_home, accept_losses=True)) == {"not_unique", "target_gone"}
    (showing,) = [row["id"] for row in estate.trash()[1]["records"] if row["title"] == "Bob"]
    assert codes(estate.restore(of_home, records=[showing], accept_losses=True)) == {"target_gone"}
    assert dump(superuser, estate.project) == before
    assert len(estate.trash()) == 2

    (other,) = estate.list("properties").json()["results"]
    estate.change("properties", other["id"], {"status": "sold"})
    assert codes(estate.restore(of_home)) == {"target_gone"}
    assert estate.list("showings").json()["count"] == 0
    restored = estate.restore(of_home, accept_losses=True).json()
    assert restored["rows"] == ["1 property", "2 showings"]
    assert len(restored["losses"]) == 2
    assert estate.get("properties", made["home"]["id"]).json()["agent_id"] is None
    assert estate.restore(of_agent).json()["restored"] == 1


def test_old_entries_fit_a_changed_schema(user: User, superuser) -> None:
    document = documents.estate()
    estate = RecordsClient(client_of(user), provisioned(user, document))
    home = estate.made("properties", address="1 Elm St", price="100.50", furnished=True, notes="12")
    agent = estate.made("agents", name="Ada", email="ada@example.com")
    estate.delete("properties", home["id"])
    estate.delete("agents", agent["id"])
    of_agent, of_home = (batch["batch"] for batch in estate.trash())

    active = estate.project.active_config
    assert active is not None
    changed = active.document
    tables = {table["name"]: table for table in changed["tables"]}
    columns = {column["name"]: column for column in tables["properties"]["columns"]}
    columns["address"]["name"] = "street"
    tables["properties"]["ui_hints"] = {"title_column": "street"}
    tables["properties"]["unique"] = []
    tables["properties"]["columns"].remove(columns["furnished"])
    columns["notes"]["type"] = "integer"
    tables["properties"]["columns"].append({"name": "rooms", "type": "integer", "required": True, "default": 3})
    tables["agents"]["columns"].append({"name": "badge", "type": "text", "required": True})
    tables["properties"]["name"], tables["properties"]["id"] = "homes", tables["properties"]["id"]
    for relation in changed["relationships"]:
        for end in ("from_table", "to_table"):
            relation[end] = "homes" if relation[end] == "properties" else relation[end]
    project = reprovision(user, estate.project, changed)
    estate = RecordsClient(estate.client, project)

    assert [row["title"] for batch in estate.trash() for row in batch["records"]] == ["Ada", "1 Elm St"]
    assert codes(estate.restore(of_agent, accept_losses=True)) == {"required"}
    restored = estate.restore(of_home)
    assert restored.status_code == 200, restored.content
    back = estate.get("homes", home["id"]).json()
    assert (back["street"], back["price"], back["notes"], back["rooms"]) == ("1 Elm St", "100.50", 12, 3)
    ((furnished,),) = superuser.execute(
        f'select "_x_2_{columns["furnished"]["id"]}" from "{project.schema_name}".homes'  # noqa: S608
    ).fetchall()
    assert furnished is True  # in the archive, where the column is: rolling back brings both


# Who may


@pytest.fixture
def board(user: User) -> Project:
    return provisioned(user, documents.shared())


def test_postgresql_shows_members_nothing_of_others_and_takes_no_forgery(
    board: Project, user: User, other_user: User
) -> None:
    mine, theirs = as_member(user, board, "secrets"), as_member(other_user, board, "secrets")
    (secret,) = mine.create([{"title": "Mine"}], paths=["$"])
    (own,) = theirs.create([{"title": "Theirs"}], paths=["$"])
    mine.delete(secret.pk)
    theirs.delete(own.pk)
    seen = ask(board, other_user, "member", "select record ->> 'title', done_by from _trash")
    assert seen == [("Theirs", other_user.pk)]
    assert len(ask(board, user, "admin", "select 1 from _trash")) == 2
    ((batch,),) = ask(board, user, "admin", "select batch from _trash where done_by = %s", user.pk)
    for query in (
        FORGED,
        "update _trash set record = '{}'",
        "delete from _trash",
        "select * from _trash for update",
        "truncate _trash",
        BAIT,
        "select _keep_deleted()",
    ):
        for role in ("member", "admin"):
            with pytest.raises(DatabaseError):
                ask(board, other_user, role, query)
    for act in (restore, delete_for_good):
        with pytest.raises(NotFound):
            act(other_user, theirs.project, batch)
    viewer = UserFactory()
    seen = share(board, viewer, "viewer")
    ((of_viewer,),) = ask(board, user, "admin", "select batch from _trash where done_by <> %s", user.pk)
    for act in (restore, delete_for_good):
        with pytest.raises(Forbidden):
            act(viewer, seen, of_viewer)
    assert restore(user, board, batch).count == 1


def test_rows_that_went_along_unseen_come_back_and_stay_unseen(
    board: Project, user: User, other_user: User, superuser
) -> None:
    """A member deletes a secret of theirs, and a row of somebody else's that is bound to it."""
    third = UserFactory()
    theirs = as_member(other_user, board, "secrets")
    (secret,) = theirs.create([{"title": "Theirs"}], paths=["$"])
    schema = board.schema_name
    superuser.execute("set session_replication_role = replica")
    superuser.execute(
        f"insert into {schema}.notices (user_id, text, secret_id) values (%s, 'Hers', %s)",  # noqa: S608
        [third.pk, secret.pk],
    )
    superuser.execute("set session_replication_role = default")
    private = documents.shared()
    private["tables"][1]["access"] = "private"
    board = reprovision(user, board, private)
    other, shared = (share(board, each) for each in (other_user, third))
    before = dump(superuser, board)
    as_member(other_user, board, "secrets").delete(secret.pk)
    assert dump(superuser, board)["notices"] == []
    assert ask(board, other_user, "member", "select record ->> 'title', record ->> 'text' from _trash") == [
        ("Theirs", None)
    ]
    ((batch,),) = ask(board, other_user, "member", "select batch from _trash")
    assert ask(board, third, "member", "select record ->> 'text' from _trash") == [("Hers",)]
    with pytest.raises(Conflict, match="needs its secret"):
        restore(third, shared, batch, accept_losses=True)
    assert restore(other_user, other, batch).count == 2
    assert dump(superuser, board) == before


def test_strangers_find_no_trash(estate: RecordsClient, other_user: User) -> None:
    estate.delete("agents", estate.made("agents", name="Ada")["id"])
    (batch,) = estate.trash()
    stranger, browser = RecordsClient(client_of(other_user), estate.project), Client()
    browser.force_login(other_user)
    assert stranger.restore(batch["batch"]).status_code == 404
    assert stranger.throw_away(batch["batch"]).status_code == 404
    assert stranger.client.get(f"/api/v1/projects/{estate.project.pk}/trash").status_code == 404
    for name, *args in (("trash",), ("trash-batch", batch["batch"]), ("trash-delete", batch["batch"])):
        assert browser.get(reverse(name, args=[estate.project.pk, *args])).status_code == 404
    assert browser.post(reverse("trash-restore", args=[estate.project.pk, batch["batch"]])).status_code in (302, 404)
    assert len(estate.trash()) == 1


# At the same time, and in the end


def test_two_who_restore_at_once_bring_everything_back_once(estate: RecordsClient, user: User) -> None:
    made = home_of(estate)
    estate.delete("properties", made["home"]["id"])
    (batch,) = estate.trash()

    def attempt() -> int:
        try:
            return restore(user, estate.project, UUID(batch["batch"])).count
        except NotFound:
            return 0

    assert sorted(at_once([attempt] * 4)) == [0, 0, 0, 3]
    assert estate.list("showings").json()["count"] == 2


def test_the_trash_empties_after_its_days_and_on_request(estate: RecordsClient, superuser, settings) -> None:
    for name in ("Ada", "Bob"):
        estate.delete("agents", estate.made("agents", name=name)["id"])
    old, new = estate.trash()[1], estate.trash()[0]
    age = f"update {estate.project.schema_name}._trash set done_at = now() - interval '29 days' where batch = %s"  # noqa: S608
    superuser.execute(age, [old["batch"]])
    upkeep.upkeep.get("empty_trash")()
    assert len(estate.trash()) == 2
    settings.TRASH_RETENTION_DAYS = 28
    upkeep.upkeep.get("empty_trash")()
    assert [batch["batch"] for batch in estate.trash()] == [new["batch"]]
    assert estate.throw_away(new["batch"]).status_code == 204
    assert estate.trash() == []
    assert estate.throw_away(new["batch"]).status_code == 404


def test_much_is_restored_by_a_job(estate: RecordsClient, user: User, superuser) -> None:
    made = estate.create("agents", [{"name": str(n)} for n in range(1000)]).json()
    estate.create("agents", [{"name": "One more"}])
    before = dump(superuser, estate.project)
    records = as_member(user, estate.project, "agents")
    with records.writing() as door:
        records.resource.model.objects.using(door.alias).all().delete()
    (batch,) = estate.trash()
    assert batch["count"] == len(made) + 1
    response = estate.client.post(
        f"/api/v1/projects/{estate.project.pk}/trash/{batch['batch']}/restore", HTTP_PREFER="respond-async"
    )
    assert response.status_code == 202
    jobs.run(UUID(response.json()["id"]))
    assert jobs.find(user, UUID(response.json()["id"])).result["restored"] == 1001
    assert dump(superuser, estate.project) == before


# Bad input


@pytest.mark.parametrize(
    "data",
    [{"records": "x"}, {"records": ["x"]}, {"records": []}, {"accept_losses": "maybe"}, {"records": [None]}, [1]],
)
def test_bad_requests_are_refused_with_the_place(estate: RecordsClient, data: Any) -> None:
    estate.delete("agents", estate.made("agents", name="Ada")["id"])
    (batch,) = estate.trash()
    url = f"/api/v1/projects/{estate.project.pk}/trash/{batch['batch']}/restore"
    response = estate.client.post(url, data, format="json")
    assert response.status_code == 400, response.content
    for query in ("?page=0", "?page=x", "?nonsense=1", "?search=%00", f"?search={'x' * 300}"):
        assert estate.client.get(f"/api/v1/projects/{estate.project.pk}/trash{query}").status_code == 400
    assert estate.client.get(f"/api/v1/projects/{estate.project.pk}/trash?table=nobody").status_code == 404
