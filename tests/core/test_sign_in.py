"""Signing in and up, attacked: guessing, spoofing, tokens that outlive what they were given for, the staff's door."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from core.models import Project, User
from core.tenancy import as_platform
from tests.conftest import client_of
from tests.factories import PASSWORD, ProjectFactory, UserFactory

TOKEN = "/api/v1/auth/token"


@pytest.fixture
def staff(database: None) -> Client:
    """The pages as a member of the platform's staff."""
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_a_spoofed_address_does_not_lift_the_limit_on_tokens(user: User) -> None:
    guess = {"email": user.email, "password": "wrong"}
    answers = [
        APIClient().post(TOKEN, guess, format="json", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
        for n in range(21)
    ]
    assert answers == [401] * 20 + [429]


def test_a_spoofed_address_does_not_lift_the_limit_on_passwords(user: User) -> None:
    guess = {"login": user.email, "password": "wrong"}
    for n in range(10):
        Client().post("/accounts/login/", guess, headers={"X-Forwarded-For": f"10.0.0.{n}"})
    right = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert b"Too many" in right.content


def test_tokens_end_with_the_password_and_with_the_account(user: User) -> None:
    tokens = APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD}, format="json").json()
    assert client_of(user).get("/api/v1/auth/user").status_code == 200
    user.set_password("another one entirely")
    user.save()
    old = {"Authorization": f"Bearer {tokens['access']}"}
    assert APIClient().get("/api/v1/auth/user", headers=old).status_code == 401

    refresh = {"refresh": str(RefreshToken.for_user(user))}
    with as_platform():
        User.objects.filter(pk=user.pk).delete()
    response = APIClient().post(f"{TOKEN}/refresh", refresh, format="json")
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_a_token_that_is_none_is_refused_in_words(database: None) -> None:
    response = APIClient().get("/api/v1/auth/user", headers={"Authorization": "Bearer nonsense"})
    assert (response.status_code, response.json()["detail"]) == (401, "Given token not valid for any token type")


def test_where_addresses_are_confirmed_the_api_waits_for_it_too(database: None, settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    account = {"email": "new@example.com", "password": PASSWORD}
    assert APIClient().post("/api/v1/auth/signup", account, format="json").status_code == 201
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert APIClient().post(TOKEN, account, format="json").status_code == 401
    EmailAddress.objects.update(verified=True)
    assert APIClient().post(TOKEN, account, format="json").status_code == 200


def test_one_address_is_one_account_however_many_sign_up_at_once(database: None) -> None:
    def sign_up(_: int) -> int:
        try:
            form = {"email": "same@example.com", "password1": PASSWORD}
            return Client(raise_request_exception=False).post("/accounts/signup/", form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sign_up, range(8)))
    assert User.objects.count() == 1
    assert answers.count(302) == 1
    assert set(answers) <= {302, 200, 409}, "The page of the form, or that somebody came first."


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(user: User, place: str) -> None:
    form = {"login": user.email, "password": PASSWORD, "next": place}
    assert Client().post("/accounts/login/", form).url == "/projects/"


def test_signing_in_gives_a_new_session(user: User) -> None:
    client = Client()
    client.post("/", {"prompt": "A CRM"})
    before = client.cookies["sessionid"].value
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before


def test_a_reset_tells_nobody_who_has_an_account_and_links_here_only(user: User) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example"}
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, headers=spoofed)
        for email in (user.email, "nobody@example.com")
    ]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/accounts/password/reset/done/")] * 2
    assert len(mail.outbox) == 2
    assert "evil" not in "".join(message.body for message in mail.outbox)
    assert Client().post("/accounts/password/reset/", headers={"Host": "evil.example"}).status_code == 400


def test_the_staffs_pages_are_entered_by_the_page_that_counts_wrong_passwords(user: User) -> None:
    form = {"username": user.email, "password": PASSWORD, "next": "/admin/"}
    assert Client().post("/admin/login/", form).url.startswith("/accounts/login/")
    client = Client()
    client.force_login(user)
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "core/decisiontrace/?outcome__exact=%00",
        "core/job/?created_at__year=99999999999",
        "core/user/?q=%00",
        "core/user/?p=99999999999999999999",
        "core/user/zzz/change/",
        "r/1/1/",
    ],
)
def test_garbage_in_the_staffs_addresses_breaks_nothing(staff: Client, address: str) -> None:
    assert staff.get(f"/admin/{address}").status_code < 500
    assert staff.get("/admin/").status_code == 200


def test_garbage_in_the_staffs_forms_breaks_nothing(staff: Client) -> None:
    form = {"action": "delete_selected", "_selected_action": ["zzz", "\0"]}
    assert staff.post("/admin/core/user/", form).status_code == 400


def test_the_staff_leave_no_tables_without_a_project(staff: Client, user: User) -> None:
    project = ProjectFactory(owner=user)
    for address in (f"project/{project.pk}/delete/", f"user/{user.pk}/delete/"):
        staff.post(f"/admin/core/{address}", {"post": "yes"})
    assert staff.get("/admin/core/project/add/").status_code == 403
    with as_platform():
        assert Project.objects.filter(pk=project.pk).exists()
    assert User.objects.filter(pk=user.pk).exists()
