"""Records as members in each role reach them: by API, on pages, and by SQL of their own inside the door."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import jobs, sql
from core.errors import Forbidden, NotFound
from core.models import Job, Project, User
from core.permissions import access_project, project_role_of
from core.tenancy import as_platform, open_project
from dynamic_crud.records import Records
from exporter import service as exporter
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import PDF, RecordsClient, as_member, change_row, provisioned, sent
from tests.factories import UserFactory, share, unshare


@pytest.fixture
def board(user: User) -> RecordsClient:
    """The tasks of `user`, which all members share, and notes, which are private."""
    return RecordsClient(client_of(user), provisioned(user, documents.tasks()))


@pytest.fixture
def viewer(board: RecordsClient) -> User:
    person = UserFactory(full_name="Vera Viewer")
    share(board.project, person, "viewer")
    return person


def by_api(board: RecordsClient, person: User) -> RecordsClient:
    return RecordsClient(client_of(person), board.project)


def pages_of(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_each_role_reaches_its_rows(board: RecordsClient, user: User) -> None:
    people = {role: UserFactory() for role in ("admin", "editor", "viewer")}
    theirs = {}
    for role, person in people.items():
        share(board.project, person, role)
        theirs[role] = by_api(board, person)
    shared, private = board.made("tasks", title="Hers"), board.made("notes", text="Hers")
    assert theirs["editor"].change("tasks", shared["id"], {"title": "Ours"}).status_code == 200
    own = theirs["editor"].made("notes", text="His")
    assert theirs["editor"].get("notes", private["id"]).status_code == 404
    assert theirs["editor"].list("notes").json()["count"] == 1
    assert theirs["admin"].list("notes").json()["count"] == 2, "An admin sees all rows, as the owner does."
    assert theirs["admin"].change("notes", own["id"], {"text": "Corrected"}).status_code == 200
    assert theirs["viewer"].list("notes").json()["count"] == 0
    assert theirs["viewer"].get("tasks", shared["id"]).json()["title"] == "Ours"


def test_a_viewer_reads_and_writes_nothing_by_api(board: RecordsClient, viewer: User, user: User) -> None:
    made = board.made("tasks", title="Call")
    theirs = by_api(board, viewer)
    for answer in (
        theirs.create("tasks", {"title": "x"}),
        theirs.create("tasks", [{"title": "x"}]),
        theirs.create("tasks", {"nonsense": "x"}),
        theirs.replace("tasks", made["id"], {"title": "x"}),
        theirs.change("tasks", made["id"], {"title": "x"}),
        theirs.delete("tasks", made["id"]),
        theirs.upload(table="tasks", column="title"),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["needs"]) == (403, "role_lacks_right", "editor")
        assert problem["detail"].startswith("You are a viewer of this project, who cannot change records.")
    assert board.list("tasks").json()["results"] == [made]
    assert theirs.list("tasks", expand="owner").json()["results"][0]["owner"]["label"] == user.get_full_name()


def test_a_viewer_sees_no_button_that_they_cannot_use(board: RecordsClient, viewer: User, user: User) -> None:
    made = board.made("tasks", title="Call")
    theirs, mine = pages_of(viewer), pages_of(user)

    def at(name: str, *args: Any) -> str:
        return reverse(name, args=[board.project.pk, "tasks", *args])

    links = [at("record-create"), at("record-edit", made["id"]), at("record-delete", made["id"]), "?task_id="]
    for address in (at("record-list"), at("record-detail", made["id"])):
        assert any(link in text(mine.get(address)) for link in links)
        seen = text(theirs.get(address))
        assert "Call" in seen
        assert not [link for link in links if link in seen]
    nothing = text(theirs.get(reverse("record-list", args=[board.project.pk, "notes"])))
    assert ("Records that others share with you appear here." in nothing, "Add note" in nothing) == (True, False)
    for address in links[:3]:
        for refused in (theirs.get(address), theirs.post(address, {"title": "x", "scan": sent("x.pdf", PDF)})):
            assert (refused.status_code, "You are a viewer of this project" in text(refused)) == (403, True)
    assert board.list("tasks").json()["results"] == [made]
    assert theirs.get(at("record-list"), {"format": "csv"}).status_code == 200


WAYS_BACK: list[LiteralString] = [
    "set transaction read write",
    "set local transaction_read_only = off",
    "set transaction_read_only to default",
    "reset transaction_read_only",
    "select set_config('transaction_read_only', 'off', true)",
    "select set_config('transaction_read_only', 'off', false)",
    "update pg_settings set setting = 'off' where name = 'transaction_read_only'",
    "set session characteristics as transaction read write",
    "set default_transaction_read_only = off",
    "reset all",
    "reset role",
    "savepoint s; set transaction read write",
    "savepoint s; rollback to s",
    "savepoint s; release s",
    "do $$ begin set transaction read write; end $$",
    "do $$ begin perform set_config('transaction_read_only', 'off', true); end $$",
]
WRITES: list[LiteralString] = [
    "insert into tasks (title, user_id) values ('x', auth.uid())",
    "update tasks set title = 'x'",
    "delete from tasks",
    "with gone as (delete from tasks returning id) select * from gone",
    "select * from tasks for update",
    "truncate tasks",
    "create table tasks2 ()",
    "create temporary table tasks (title text)",
    "do $$ begin insert into tasks (title, user_id) values ('x', auth.uid()); end $$",
]


def test_sql_of_ones_own_does_not_make_a_viewers_door_writable(
    board: RecordsClient, viewer: User, superuser: Any
) -> None:
    made = board.made("tasks", title="Call")
    project = access_project(viewer, board.project.pk)
    role = project_role_of(viewer, project)
    # With the role of users as it is, and with the roles that the login role could slip into.
    names = {"user": sql.text(sql.identifier(f"{project.schema_name}_user"))}
    names |= {each: sql.text(sql.identifier(f"{project.schema_name}_{each}")) for each in ("admin", "owner")}
    tried = 0
    for way in WAYS_BACK:
        for become in names.values():
            for write in WRITES:
                tried += 1
                assert not wrote(project, viewer, role, way, f"set local role {become}", write), (way, become, write)
    assert tried == len(WAYS_BACK) * 3 * len(WRITES)
    assert board.list("tasks").json()["results"] == [made]
    with open_project(project, viewer.pk, "member") as door, door.connection.cursor() as cursor:
        cursor.execute("select set_config('transaction_read_only', 'off', true)")
        cursor.execute(WRITES[1])
        assert cursor.rowcount == 1, "The door of an editor is open, so that it is the viewer's that is shut."


def wrote(project: Project, person: User, role: Any, *statements: str) -> bool:
    """Whether the last statement went through, in a door that the ones before it were tried in."""
    with open_project(project, person.pk, role) as door:
        for number, statement in enumerate(statements):
            with door.connection.cursor() as cursor:
                is_last = number == len(statements) - 1
                cursor.execute("savepoint tried")
                try:
                    cursor.execute(statement)
                    cursor.execute("select current_setting('transaction_read_only')")
                    assert cursor.fetchone() == ("on",), statement
                except DatabaseError:
                    cursor.execute("rollback to savepoint tried")
                else:
                    if is_last:
                        return True
    return False


def test_a_door_is_as_many_round_trips_for_a_viewer(board: RecordsClient, viewer: User, user: User) -> None:
    counts = []
    by_api(board, user).list("notes")  # from now on this process knows the project
    for person in (user, viewer):
        with CaptureQueriesContext(connection) as captured:
            assert by_api(board, person).list("notes").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_code_below_the_views_refuses_a_viewer_too(board: RecordsClient, viewer: User) -> None:
    made = board.made("tasks", title="Call")
    records = Records.access(viewer, board.project.pk, "tasks")
    for attempt in (
        lambda: records.create([{"title": "x"}], paths=["$"]),
        lambda: change_row(records, UUID(made["id"]), {"title": "x"}),
        lambda: records.delete(UUID(made["id"])),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_only_who_sees_all_records_exports_them(board: RecordsClient, user: User) -> None:
    for role, may in {"admin": True, "editor": False, "viewer": False}.items():
        person = UserFactory()
        project = share(board.project, person, role)
        export = {"project_id": str(project.pk), "export_type": "files", "target": "sql", "with_data": True}
        if may:
            job = exporter.submit(person, project, delivery="files", target="sql", with_data=True)
            unshare(project, person)
            jobs.run(job.pk)
            with as_platform():
                done = Job.objects.get(pk=job.pk)
            assert (done.status, done.error["status"]) == ("failed", 404), "Removed before a worker came to it."
        else:
            answer = client_of(person).post("/api/v1/export-code", export, format="json")
            assert (answer.status_code, answer.json()["needs"]) == (403, "admin")
            assert 'name="with_data"' not in text(pages_of(person).get(reverse("export", args=[project.pk])))
    assert 'name="with_data"' in text(pages_of(user).get(reverse("export", args=[board.project.pk])))


def test_only_owner_and_admins_change_the_tables(board: RecordsClient) -> None:
    project, document = board.project, documents.tasks()
    document["tables"][1]["columns"].append({"name": "more", "type": "text"})
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/api/v1/generate", {"project_id": str(project.pk), "prompt": "Add a fax number to tasks"}),
        ("/api/v1/provision", {"project_id": str(project.pk), "schema_json": document}),
        ("/api/v1/provision", {"project_id": str(project.pk), "schema_json": document, "dry_run": True}),
        (f"/api/v1/rollback/{project.pk}", {"version": "1.0.0"}),
        (f"/api/v1/rollback/{project.pk}", {"version": "1.0.0", "dry_run": True}),
        (f"/api/v1/schema-lock/{project.pk}", {"purpose": "x"}),
        (f"/api/v1/projects/{project.pk}/draft/undo", {}),
        (f"/api/v1/projects/{project.pk}/draft/redo", {}),
    ]
    for role in ("editor", "viewer"):
        person = UserFactory()
        share(project, person, role)
        client, pages = client_of(person), pages_of(person)
        for address, body in calls:
            answer = client.post(address, body, format="json")
            assert (answer.status_code, answer.json()["code"]) == (403, "role_lacks_right"), address
        for name, *rest in (("builder",), ("draft-undo",), ("rollback", "1.0.0"), ("isolation",), ("schema-freeze",)):
            assert pages.post(reverse(name, args=[project.pk, *rest]), {}).status_code == 403
        for name in ("history", "project-detail", "project-settings", "project-members", "export"):
            assert pages.get(reverse(name, args=[project.pk])).status_code == 200
        for address in (f"vibe-replay/{project.pk}", f"projects/{project.pk}/versions", f"schema-lock/{project.pk}"):
            assert client.get(f"/api/v1/{address}").status_code == 200
    admin = UserFactory()
    share(project, admin, "admin")
    plan = client_of(admin).post(*calls[2], format="json")
    assert (plan.status_code, plan.json()["tables_changed"]) == (200, ["notes"])
    assert "Roll back" not in text(pages_of(person).get(reverse("history", args=[project.pk])))


def test_members_are_named_and_former_ones_are_not(board: RecordsClient, viewer: User, user: User) -> None:
    form = text(pages_of(user).get(reverse("record-create", args=[board.project.pk, "tasks"])))
    assert f'<option value="{viewer.pk}">Vera Viewer</option>' in form
    made = board.made("tasks", title="Call", reviewer=str(viewer.pk))
    unshare(board.project, viewer)
    assert board.get("tasks", made["id"], expand="reviewer").json()["reviewer"]["label"] == "Former member"
    with pytest.raises(NotFound):
        Records.access(viewer, board.project.pk, "tasks")


def test_rows_of_a_removed_member_stay(board: RecordsClient, other_user: User) -> None:
    (row,) = as_member(other_user, board.project, "notes").create([{"text": "His"}], paths=["$"])
    unshare(board.project, other_user)
    assert by_api(board, other_user).get("notes", str(row.pk)).status_code == 404
    assert board.get("notes", str(row.pk)).json()["text"] == "His"
