"""Members of a project: who adds, changes and removes whom, by pages and by API, and attempts to get around that."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from core import locks, memberships, projects
from core.errors import Conflict, Forbidden, NotFound, Problem
from core.models import (
    Project,
    User,
)
from core.permissions import access_project, list_projects, project_role_of, role_of
from core.rights import Right, Role, refusal, rights_of
from tests.at_once import at_once
from tests.conftest import client_of
from tests.core.people import ROLES, roles
from tests.core.test_pages import browser_of
from tests.factories import UserFactory, share, unshare


def url(project: Project, person: User | None = None) -> str:
    base = f"/api/v1/projects/{project.pk}/members"
    return f"{base}/{person.pk}" if person else base


def test_a_journey_by_api(api: APIClient, user: User, project: Project, other_user: User) -> None:
    added = api.post(url(project), {"email": f" {other_user.email.upper()} ", "role": "editor"}, format="json")
    assert added.status_code == 201, added.content
    assert (added.json()["id"], added.json()["role"]) == (str(other_user.pk), "editor")

    theirs = client_of(other_user)
    (shared,) = theirs.get("/api/v1/projects").json()["results"]
    assert (shared["id"], shared["role"]) == (str(project.pk), "editor")
    listed = theirs.get(url(project)).json()
    assert {member["email"]: member["role"] for member in listed["results"]} == {
        user.email: "owner",
        other_user.email: "editor",
    }
    for answer in (
        theirs.post(url(project), {"email": "x@example.com", "role": "viewer"}, format="json"),
        theirs.patch(url(project, other_user), {"role": "admin"}, format="json"),
        theirs.patch(url(project, user), {"role": "viewer"}, format="json"),
        theirs.delete(url(project, user)),
        theirs.patch(f"/api/v1/projects/{project.pk}", {"name": "Mine"}, format="json"),
        theirs.delete(f"/api/v1/projects/{project.pk}", {"confirm": project.name}, format="json"),
    ):
        assert answer.status_code in {403, 409}, answer.content
    assert theirs.patch(url(project, other_user), {"role": "admin"}, format="json").json() == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "code": "role_lacks_right",
        "detail": "You are an editor of this project, who cannot manage the members. Ask an owner or admin to do it.",
        "role": "editor",
        "needs": "admin",
    }

    assert api.patch(url(project, other_user), {"role": "admin"}, format="json").json()["role"] == "admin"
    assert theirs.patch(f"/api/v1/projects/{project.pk}", {"name": "Ours"}, format="json").json()["name"] == "Ours"
    assert api.delete(url(project, other_user)).status_code == 204
    assert theirs.get(f"/api/v1/projects/{project.pk}").status_code == 404, "The same token is good for nothing here."
    assert theirs.get(url(project)).status_code == 404
    assert api.delete(url(project, other_user)).status_code == 404
    assert api.patch(url(project, other_user), {"role": "admin"}, format="json").status_code == 404


def test_a_journey_by_pages(user: User, project: Project, other_user: User) -> None:
    mine, theirs = browser_of(user), browser_of(other_user)
    members = reverse("project-members", args=[project.pk])
    role, remove = (reverse(name, args=[project.pk, other_user.pk]) for name in ("member-role", "member-remove"))
    assert theirs.get(members).status_code == 404
    assert mine.post(members, {"email": other_user.email, "role": "viewer"}).url == members
    assert other_user.get_full_name() in text(mine.get(members))

    assert "Viewer" in text(theirs.get(reverse("project-list")))
    seen = text(theirs.get(members))
    assert ("Add member" in seen, "Hand over" in seen, role in seen, remove in seen) == (False, False, False, True)
    settings = text(theirs.get(reverse("project-settings", args=[project.pk])))
    assert ("Delete project" in settings, "Save" in settings, project.schema_name in settings) == (False, False, True)
    overview = text(theirs.get(reverse("project-detail", args=[project.pk])))
    assert (reverse("builder", args=[project.pk]) in overview, "no tables yet" in overview) == (False, True)
    for refused in (
        theirs.post(members, {"email": other_user.email, "role": "admin"}),
        theirs.post(role, {"role": "admin"}),
        theirs.post(reverse("project-settings", args=[project.pk]), {"name": "Mine"}),
        theirs.post(reverse("project-delete", args=[project.pk]), {"confirm": project.name}),
        theirs.post(reverse("project-hand-over", args=[project.pk]), {"member": str(other_user.pk)}),
        theirs.get(reverse("builder", args=[project.pk])),
    ):
        assert (refused.status_code, "You are a viewer" in text(refused)) == (403, True)

    assert mine.post(role, {"role": "admin"}).status_code == 302
    assert "Add member" in text(theirs.get(members))
    assert mine.post(role, {"role": "owner"}).status_code == 400
    assert "cannot open this project any more" in text(mine.get(remove))
    assert mine.post(remove).url == members
    assert theirs.get(members).status_code == 404
    assert theirs.get(remove).status_code == 404


def test_anybody_but_the_owner_leaves(user: User, project: Project, people: dict[str, User]) -> None:
    viewer = browser_of(people["viewer"])
    leave = reverse("member-remove", args=[project.pk, people["viewer"].pk])
    assert "Leave the project?" in text(viewer.get(leave))
    assert viewer.post(leave).url == reverse("project-list")
    assert list_projects(people["viewer"]) == []
    assert client_of(people["editor"]).delete(url(project, people["editor"])).status_code == 204

    own = client_of(user).delete(url(project, user))
    assert (own.status_code, own.json()["code"]) == (409, "owner_stays")
    assert browser_of(user).post(reverse("member-remove", args=[project.pk, user.pk])).status_code == 409
    assert access_project(user, project.pk)


def test_the_owner_hands_the_project_over(user: User, project: Project, people: dict[str, User]) -> None:
    page = browser_of(user)
    hand_over = reverse("project-hand-over", args=[project.pk])
    assert page.post(hand_over, {"member": "x"}).status_code == 400
    assert page.post(hand_over, {"member": str(people["stranger"].pk)}).status_code == 404
    assert page.post(hand_over, {"member": str(people["editor"].pk)}).status_code == 302
    assert (roles(project)[user.pk], roles(project)[people["editor"].pk]) == ("admin", "owner")
    assert page.post(hand_over, {"member": str(user.pk)}).status_code == 403

    back = client_of(people["editor"]).patch(url(project, user), {"role": "owner"}, format="json")
    assert back.json()["role"] == "owner"
    assert roles(project) == {
        **{people[role].pk: role for role in ("owner", "admin", "viewer")},
        people["editor"].pk: "admin",
    }


def test_who_has_no_account_cannot_be_added_and_the_answer_tells_no_more_than_signing_up(
    api: APIClient, user: User, project: Project, people: dict[str, User]
) -> None:
    def add(email: str) -> dict[str, Any]:
        return api.post(url(project), {"email": email, "role": "viewer"}, format="json").json()

    unknown = add("nobody@example.com")
    assert (unknown["status"], unknown["code"]) == (400, "no_account")
    assert unknown["errors"][0]["path"] == "$.email"
    people["stranger"].is_active = False
    people["stranger"].save()
    assert add(people["stranger"].email) | {"detail": "", "errors": []} == unknown | {"detail": "", "errors": []}
    for person in (user, people["viewer"]):
        assert add(person.email)["code"] == "already_member"
    page = browser_of(user).post(
        reverse("project-members", args=[project.pk]), {"email": "a@b.example", "role": "admin"}
    )
    assert (page.status_code, "Ask the person to sign up first" in text(page)) == (400, True)
    for wrong in ({"email": "x", "role": "viewer"}, {"email": user.email, "role": "owner"}, {"role": "viewer"}, []):
        assert api.post(url(project), wrong, format="json").status_code == 400
    form = {"email": "a\0@b.example", "role": "king"}
    assert browser_of(user).post(reverse("project-members", args=[project.pk]), form).status_code == 422


def test_addresses_cannot_be_tried_at_speed(user: User, project: Project, settings) -> None:
    settings.MEMBERS_PER_HOUR = 3
    tried = at_once(
        [lambda n=n: memberships.add_member(user, project, f"n{n}@example.com", Role.VIEWER) for n in range(8)]
    )
    assert sorted(problem.status for problem in tried) == [400] * 3 + [429] * 5
    answer = client_of(user).post(url(project), {"email": "x@example.com", "role": "viewer"}, format="json")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    page = browser_of(user).post(
        reverse("project-members", args=[project.pk]), {"email": "x@y.example", "role": "admin"}
    )
    assert page.status_code == 429


def demote(one: User, project: Project, other: User) -> None:
    memberships.change_role(one, access_project(one, project.pk), other.pk, Role.VIEWER)


def remove(one: User, project: Project, other: User) -> None:
    memberships.remove_member(one, access_project(one, project.pk), other.pk)


@pytest.mark.parametrize("act", [demote, remove])
def test_of_two_admins_who_turn_against_each_other_at_once_one_stays(project: Project, act: Any) -> None:
    for _ in range(3):
        one, other = UserFactory(), UserFactory()
        for person in (one, other):
            share(project, person, "admin")
        outcomes = at_once([partial(act, one, project, other), partial(act, other, project, one)])
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
        assert isinstance(refused, Forbidden | NotFound)
        assert [roles(project).get(person.pk) for person in (one, other)].count("admin") == 1


def test_many_at_once_add_one_person_once_and_one_project_has_one_owner(
    user: User, project: Project, people: dict[str, User]
) -> None:
    added = at_once(
        [lambda: memberships.add_member(user, project, people["stranger"].email, Role.VIEWER) for _ in range(6)]
    )
    assert [type(each) for each in added if isinstance(each, Problem)] == [Conflict] * 5
    heirs = [people[role] for role in (*ROLES, "stranger")]
    at_once([lambda heir=heir: memberships.hand_over(user, project, heir.pk) for heir in heirs])
    assert sorted(roles(project).values()).count("owner") == 1
    assert roles(project)[user.pk] == "admin"


def test_a_role_decides_what_somebody_may_do() -> None:
    assert rights_of(Role.OWNER) == frozenset(Right)
    assert rights_of(Role.ADMIN) == frozenset(Right) - {Right.DELETE_PROJECT, Right.HAND_OVER}
    assert rights_of(Role.EDITOR) == {Right.WRITE_RECORDS}
    assert rights_of(Role.VIEWER) == frozenset()
    told = refusal(Role.VIEWER, Right.WRITE_RECORDS)
    assert told.detail == (
        "You are a viewer of this project, who cannot change records. Ask an owner, admin or editor to do it."
    )
    assert refusal(Role.ADMIN, Right.DELETE_PROJECT).detail.endswith("Ask an owner to do it.")


def test_opening_a_project_takes_one_query_whoever_opens_it(project: Project, people: dict[str, User]) -> None:
    for name, door in {"owner": "admin", "admin": "admin", "editor": "member", "viewer": "viewer"}.items():
        with CaptureQueriesContext(connection) as captured:
            found = access_project(people[name], project.pk)
            assert (role_of(people[name], found), project_role_of(people[name], found)) == (name, door)
        asked = [each["sql"] for each in captured if "core_project" in each["sql"]]
        assert len(asked) == 1
    with pytest.raises(NotFound):
        role_of(people["stranger"], found)
    with pytest.raises(NotFound):
        role_of(people["admin"], found), "It was opened for somebody else."


def test_whoever_is_removed_or_demoted_gives_the_schema_lock_back(
    user: User, project: Project, colleague: User
) -> None:
    for end in (
        lambda: memberships.change_role(user, project, colleague.pk, Role.VIEWER),
        lambda: memberships.remove_member(user, project, colleague.pk),
    ):
        share(project, colleague, "admin")
        locks.acquire(project, colleague.pk)
        assert locks.status(project, user.pk).holder == colleague.get_full_name()
        end()
        assert not locks.status(project, user.pk).locked
        assert locks.acquire(project, user.pk)
        locks.release(project, user.pk)


def test_a_deleted_project_is_gone_for_its_members_too(user: User, project: Project, people: dict[str, User]) -> None:
    projects.delete_project(user, project, project.name)
    for role in ROLES:
        assert list_projects(people[role]) == []
        assert client_of(people[role]).get(url(project)).status_code == 404


def test_a_removed_member_keeps_no_way_in(user: User, project: Project, people: dict[str, User]) -> None:
    admin = people["admin"]
    session, token = browser_of(admin), client_of(admin)
    assert session.get(reverse("project-detail", args=[project.pk])).status_code == 200
    unshare(project, admin)
    for name in ("project-detail", "project-members", "project-settings", "history", "builder", "export"):
        assert session.get(reverse(name, args=[project.pk])).status_code == 404
    assert token.patch(url(project, people["viewer"]), {"role": "admin"}, format="json").status_code == 404
    assert token.delete(url(project, admin)).status_code == 404
    with pytest.raises(NotFound):
        memberships.add_member(admin, project, people["stranger"].email, Role.ADMIN)
    stale = share(project, admin, "admin")
    unshare(project, admin)
    with pytest.raises(NotFound):
        memberships.change_role(admin, stale, people["viewer"].pk, Role.ADMIN)
    with pytest.raises(NotFound):
        memberships.remove_member(admin, stale, uuid4())
    assert roles(project)[people["viewer"].pk] == "viewer"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_garbage_names_no_member(user: User, project: Project, client: Client) -> None:
    client.force_login(user)
    for person in (uuid4(), user.pk):
        role = reverse("member-role", args=[project.pk, person])
        assert client.post(role, {"role": "viewer"}).status_code in {404, 409}
    assert client_of(user).patch(f"{url(project)}/x", {"role": "viewer"}, format="json").status_code == 404
