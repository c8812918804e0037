"""The number of records of each table, as the overview page shows it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Project, User
from core.tenancy import open_project
from dynamic_crud import counts
from dynamic_crud.counts import count_records
from dynamic_crud.runtime import get_runtime
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.dynamic_crud.documents import shared
from tests.factories import ProjectFactory, UserFactory


def fragment(browser: Client, project: Project) -> str:
    response = browser.get(reverse("record-counts", args=[project.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_every_table_is_counted_by_name(estate: RecordsClient, browser: Client) -> None:
    estate.create("agents", [{"name": f"Agent {number}"} for number in range(3)])
    estate.made("properties", address="1 Main St")
    shown = fragment(browser, estate.project)
    assert '<span id="count-agents" class="vc-count" hx-swap-oob="true">3 records</span>' in shown
    assert '<span id="count-properties" class="vc-count" hx-swap-oob="true">1 record</span>' in shown
    assert '<span id="count-offers" class="vc-count" hx-swap-oob="true">0 records</span>' in shown


def test_all_tables_are_counted_in_one_query(estate: RecordsClient, browser: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        fragment(browser, estate.project)
    assert sum("count(*)" in query["sql"] for query in captured) == 1


def test_counting_stops_where_nobody_needs_the_exact_number(
    estate: RecordsClient, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.create("agents", [{"name": f"Agent {number}"} for number in range(5)])
    monkeypatch.setattr(counts, "COUNTED_AT_MOST", 3)
    assert "over 3 records" in fragment(browser, estate.project)
    with open_project(estate.project, estate.project.owner_id, role="admin") as door:
        assert dict(count_records(door, get_runtime(estate.project).resources.values()))["agents"] == 4


def test_only_what_one_may_see_is_counted(user: User) -> None:
    project = provisioned(user, shared())
    resources = get_runtime(project).resources
    with open_project(project, user.pk, role="member") as door:
        secret = resources["secrets"].model.objects.using(door.alias).create(title="Mine")
        resources["notices"].model.objects.using(door.alias).create(text="Ours", secret=secret)
    with open_project(project, UserFactory().pk, role="member") as door:
        assert dict(count_records(door, resources.values())) == {"secrets": 0, "notices": 1}


def test_a_stranger_learns_nothing(estate: RecordsClient, other_user: User) -> None:
    address = reverse("record-counts", args=[estate.project.pk])
    assert Client().get(address).status_code == 302
    stranger = Client()
    stranger.force_login(other_user)
    assert stranger.get(address).status_code == 404


def test_a_project_without_tables_has_nothing_to_count(user: User, browser: Client, database) -> None:
    assert browser.get(reverse("record-counts", args=[ProjectFactory(owner=user).pk])).status_code == 404
