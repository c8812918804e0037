"""What people and programs see while PostgreSQL is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from core.models import User
from tests.conftest import client_of


@pytest.fixture
def away(user: User) -> Iterator[User]:
    """A user who had signed in when the database went away."""
    settings = connection.settings_dict
    there = settings["HOST"], settings["PORT"], settings["OPTIONS"]["pool"]["timeout"]
    connection.close()
    connection.close_pool()
    settings["HOST"], settings["PORT"], settings["OPTIONS"]["pool"]["timeout"] = "127.0.0.1", "1", 0.3
    yield user
    connection.close()
    connection.close_pool()
    settings["HOST"], settings["PORT"], settings["OPTIONS"]["pool"]["timeout"] = there


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("address", ["/", "/projects/", "/accounts/login/", "/admin/"])
def test_a_page_says_that_it_will_be_back(browser: Client, away: User, address: str) -> None:
    response = browser.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"Back in a moment" in response.content


def test_the_api_says_when_to_try_again(away: User) -> None:
    response = client_of(away).get("/api/v1/projects")
    assert (response.status_code, response["Retry-After"], response.json()["code"]) == (503, "5", "unavailable")
