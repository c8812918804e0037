"""Garbage at every address: whatever comes in, the answer says what is wrong with it, and nothing of ours breaks.

The API's calls are read from its OpenAPI document and the pages from the URL configuration, so what is added is
attacked as soon as it exists. Choices are drawn from a fixed seed: a failure comes back when the test is run again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from core.models import Project, User
from core.permissions import list_traces
from dynamic_crud.filters import filter_names
from dynamic_crud.listing import PARAMETERS
from dynamic_crud.runtime import get_runtime
from schemas.jobs import decide
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, provisioned
from tests.test_isolation import addresses, filled

TEXTS = (
    "", " ", "\0", "a\0b", "\ud800", "\u202e\uffff", "é", "'; drop table core_user; --", "%s%(x)s{0}",
    "../../etc/passwd",
    "x" * 10_000, "9" * 5_000, "-1", "1e400", "1e-400", "1e999999999", "NaN", "-Infinity", "0x10", "٣", "²",
    "99999999999999999999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-00-00", "9999-12-31",
    "24:00:00", "P99999999999D", "true", "null", "[]", "{}", "00000000-0000-0000-0000-000000000000", ",,,", "-", "__",
    "id", "-id", "name__exact", "${7*7}{{7*7}}",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    *(text for text in TEXTS if "\ud800" not in text), None, True, False, 0, -1, 2**31, 2**63, 2**64 - 1, 1.5, 1e308,
    [], {}, [[]], [None], [{}], {"id": None}, {"a": {"b": []}}, ["x"] * 3, [[[[[[[]]]]]]],
)  # fmt: skip
BODIES = (
    b"", b" ", b"{", b"\xff\xfe", b"\x00", b"null", b"[]", b"0", b'"text"', b"true", b"[[]]", b"[" * 5_000, b"1e999",
    b'{"a":' * 2_000, b'{"\\u0000": 1}', b'{"a": "\\ud800"}', b"9" * 5_000, b'{"a": NaN}', b"\xef\xbb\xbf{}",
)  # fmt: skip
MEDIA_TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "",
    "/", "a/b/c",
    "multipart/form-data", "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "application/xml",
    "multipart/form-data; boundary=" + "x" * 300,
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {}, {"Prefer": "\x7f;;=,wait=x"}, {"Idempotency-Key": "k" * 10_000}, {"Idempotency-Key": "é\x00\xa0"},
    {"Accept": "a"},
    {"Accept": "image/png"}, {"Accept": "*/*;q=x, ;;, /"}, {"Accept": "application/json; indent=x"},
    {"Range": "bytes=-x"},
    {"Accept": "application/json; indent=99999999999"}, {"Accept-Language": "\xff" * 600}, {"If-Modified-Since": "x"},
    {"X-Forwarded-For": "x" * 500}, {"X-HTTP-Method-Override": "DELETE"}, {"Cookie": 'sessionid="aaaaaaaaaa\\000"'},
    {"Cookie": "messages=x; csrftoken=\xff; sessionid=é"}, {"HX-Request": "true", "HX-Current-URL": "http://["},
)  # fmt: skip


SEED = 20
ROUNDS = 15
SAMPLES = 10
SOME_ID = "00000000-0000-0000-0000-000000000000"

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script></textarea>'


@pytest.fixture
def things(user: User) -> RecordsClient:
    """A project with a column of every type, and one record that is full."""
    return RecordsClient(client_of(user), provisioned(user, documents.every_type()))


@pytest.fixture
def browser(user: User) -> Client:
    """The pages as `user`, with an answer for what a view lets out, as people get it."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def api_calls() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Every call of the API: its method, its address with places, its query parameters, its body's fields."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            named = schemas.get(body.get("$ref", "").rpartition("/")[2], body)
            query = [each["name"] for each in call.get("parameters", ()) if each["in"] == "query"]
            yield method, path, [*query, "page", "format", "x"], list(named.get("properties", {}))


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def is_told(response: Any) -> bool:
    """Whether the API's answer is a success, or says as a problem what is wrong with the request."""
    if response.status_code < 400:
        return True
    if response.status_code >= 500 or response["Content-Type"] != "application/problem+json":
        return False
    problem = response.json()
    return problem["status"] == response.status_code and bool(problem["code"] and problem["detail"])


def test_every_call_of_the_api_says_what_is_wrong_with_garbage(things: RecordsClient, settings) -> None:
    settings.JOB_WAIT_SECONDS = 0
    chance = random.Random(SEED)  # noqa: S311
    things.client.raise_request_exception = False
    record = things.made("things", name="x")["id"]
    places = {"project_id": str(things.project.pk), "table": "things", "record_id": record, "file_id": record}
    broken = []
    for _ in range(ROUNDS):
        cache.clear()  # and with it the limits on signing in and up
        for method, path, parameters, fields in api_calls():
            request = garbage(chance, path, places, parameters, fields)
            response = things.client.generic(method.upper(), **request)
            if not is_told(response):
                broken.append((method, response.status_code, request))
            if method == "delete" and response.status_code == 204:
                places["record_id"] = things.made("things", name="x")["id"]
    assert not broken


def garbage(
    chance: random.Random, path: str, places: dict[str, str], parameters: list[str], fields: list[str]
) -> dict[str, Any]:
    """A request to the address with some of it right, so that the rest is looked at."""
    for place in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        is_right = chance.random() < 0.95
        path = path.replace(f"{{{place}}}", places.get(place, SOME_ID) if is_right else encoded(chance.choice(TEXTS)))
    query = "&".join(
        f"{chance.choice(parameters)}={encoded(chance.choice(TEXTS))}" for _ in range(chance.choice([0, 0, 1, 2]))
    )
    body = {name: chance.choice(VALUES) for name in fields if chance.random() < 0.9}
    if "project_id" in body and chance.random() < 0.8:
        body["project_id"] = places["project_id"]
    return {
        "path": f"{path}?{query}" if query else path,
        "data": chance.choice(BODIES) if chance.random() < 0.3 else json.dumps(body).encode(),
        "content_type": chance.choice(MEDIA_TYPES) if chance.random() < 0.2 else "application/json",
        "headers": chance.choice(HEADERS) if chance.random() < 0.5 else {},
    }


def test_every_column_takes_or_refuses_any_value_and_shows_what_it_took(things: RecordsClient, browser: Client) -> None:
    things.client.raise_request_exception = False
    base = f"/projects/{things.project.pk}/data/things/"
    chance = random.Random(SEED)  # noqa: S311
    broken = []
    for item in get_runtime(things.project).resource("things").fields:
        taken = None
        for value in chance.sample(VALUES, SAMPLES):
            response = things.create("things", {"name": "x", item.column.name: value})
            if not is_told(response):
                broken.append(("api", item.column.name, value, response.status_code))
            taken = response.json()["id"] if response.status_code == 201 else taken
        for value in ("9" * 5_000, "[" * 5_000, *chance.sample(TEXTS, SAMPLES)):
            typed = value.encode("utf-8", "replace").decode()
            response = browser.post(f"{base}new/", {"name": "x", item.name: typed})
            if response.status_code not in {302, 422}:
                broken.append(("form", item.column.name, value, response.status_code))
        for address in (f"{base}{taken}/", f"{base}{taken}/edit/") if taken else ():
            shown = browser.get(address).status_code
            if shown != 200:
                broken.append(("page", item.column.name, address, shown))
    assert browser.get(base, {"page_size": 200}).status_code == 200
    assert browser.get(base, {"format": "csv"}).status_code == 200
    assert not broken


def test_every_parameter_of_a_list_is_read_or_refused(things: RecordsClient, browser: Client) -> None:
    chance = random.Random(SEED)  # noqa: S311
    things.client.raise_request_exception = False
    things.made("things", name="x")
    base = f"/projects/{things.project.pk}/data/things/"
    broken = []
    for name in (*filter_names(get_runtime(things.project).resource("things")), *PARAMETERS):
        for text in chance.sample(TEXTS, 3):
            query = f"{name}={encoded(text)}"
            response = things.client.get(f"{things.url('things')}?{query}")
            if not is_told(response):
                broken.append(("api", query, response.status_code))
            address = chance.choice((f"{base}?{query}", f"{base}?format=csv&{query}", f"{base}new/?{query}"))
            shown = browser.get(address).status_code
            if shown not in {200, 400}:
                broken.append((address, shown))
    assert not broken


def test_no_page_breaks_on_a_garbled_query_or_form(things: RecordsClient, browser: Client) -> None:
    chance = random.Random(SEED)  # noqa: S311
    record = things.made("things", name="x")["id"]
    values = {"project_id": things.project.pk, "table": "things", "record_id": record, "file_id": record}
    others = ("job_id", "trace_id", "member_id", "batch", "version", "before", "after", "column", "import_id")
    places = dict.fromkeys(others, SOME_ID) | values
    pages = [filled(route, places) for route in addresses() if not route.startswith("/api/")]
    pages += [
        "/",
        "/projects/",
        "/projects/new/",
        *(f"/accounts/{name}/" for name in ("login", "signup", "password/reset")),
    ]
    names = ("next", "back", "trace", "job", "file", "q", "page", "prompt", "name", "confirm", "plan", "email", "login")
    broken = []
    for page in [page for page in pages if "/delete/" not in page] * 4:
        query = "&".join(f"{name}={encoded(chance.choice(TEXTS))}" for name in chance.sample(names, 4))
        form = {name: chance.choice(TEXTS).encode("utf-8", "replace").decode() for name in chance.sample(names, 6)}
        headers = {name: value for name, value in chance.choice(HEADERS).items() if name != "Cookie"}
        answers = [browser.get(f"{page}?{query}", headers=headers), browser.post(page, form, headers=headers)]
        if any(map(is_broken, answers)):
            broken.append((page, query, form, headers, [answer.status_code for answer in answers]))
    assert not broken


@pytest.mark.parametrize("address", ["/projects/", "/api/v1/projects", "/admin/"])
def test_a_request_with_thousands_of_parameters_is_refused(browser: Client, address: str) -> None:
    response = browser.get(f"{address}?{'&'.join(f'f{n}=1' for n in range(1500))}")
    assert response.status_code in {200, 400}


@pytest.mark.parametrize("kind", ["builder/", "data/things/", "data/things/new/"])
def test_a_page_is_not_broken_by_thousands_of_parameters(things: RecordsClient, browser: Client, kind: str) -> None:
    many = "&".join(f"f{n}=1" for n in range(1500))
    page = f"/projects/{things.project.pk}/{kind}"
    assert browser.get(f"{page}?{many}").status_code == 400
    assert browser.post(page, many, content_type="application/x-www-form-urlencoded").status_code in {400, 405}
    assert not is_broken(browser.post(page, b"x", content_type="multipart/form-data; boundary="))
    response = things.client.get(f"{things.url('things')}?{many}")
    assert (response.status_code, is_told(response)) == (400, True)


def is_broken(response: Any) -> bool:
    return bool(response.status_code >= 500)


def test_a_body_that_is_too_large_is_told_so(browser: Client) -> None:
    form = b"name=" + b"x" * 6_000_000
    response = Client(enforce_csrf_checks=True).post("/", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {403, 413}
    assert browser.post("/projects/new/", form, content_type="application/x-www-form-urlencoded").status_code == 413


def test_a_session_key_that_cannot_be_one_is_nobodys(database: None) -> None:
    cookie = {"Cookie": 'sessionid="aaaaaaaaaaaa\\000"'}
    assert Client().get("/projects/", headers=cookie).url == "/accounts/login/?next=/projects/"
    assert Client().get("/api/v1/auth/user", headers=cookie).status_code == 401


@pytest.mark.parametrize("address", ["/api/schema", "/api/docs", "/api/v1/auth/user"])
def test_a_problem_is_json_whatever_is_accepted(database: None, address: str) -> None:
    response = Client().get(address, headers={"Accept": "image/png"})
    assert response.status_code in {401, 406}
    assert is_told(response)


class Markup(HTMLParser):
    """Collects what runs in a page that should not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script"
        for name, value in attrs:
            text = (value or "").strip().lower()
            runs = name.startswith(("x-", "@", ":", "hx-on", "hx-vals")) and "alert" in text
            if (
                name.startswith("on")
                or runs
                or text.startswith("javascript:")
                or (tag, name, text) == ("img", "src", "x")
            ):
                self.found.append((tag, name, value))

    def handle_data(self, data: str) -> None:
        if self.in_script and "alert(1)" in data:
            self.found.append(("script", data))

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False


def hostile_project(user: User) -> Project:
    """A project whose every text is markup."""
    hint = EVIL[:60]
    people = {
        "name": "people",
        "description": EVIL,
        "ui_hints": {"label": hint, "label_plural": hint, "title_column": "name"},
        "columns": [
            {"name": "name", "type": "text", "label": hint, "help_text": EVIL, "required": True},
            {"name": "kind", "type": "select", "label": hint, "options": [{"value": hint, "label": hint}]},
            {"name": "notes", "type": "long_text", "help_text": EVIL},
            {"name": "data", "type": "json"},
            {"name": "site", "type": "url"},
        ],
    }
    link = {
        "from_table": "things",
        "from_column": "person_id",
        "to_table": "people",
        "type": "many_to_one",
        "label": hint,
    }
    things = {"name": "things", "columns": [{"name": "title", "type": "text"}]}
    return provisioned(user, {"name": hint, "tables": [people, things], "relationships": [link]})


def test_nothing_that_somebody_wrote_runs_in_any_page(user: User, browser: Client) -> None:
    records = RecordsClient(client_of(user), hostile_project(user))
    values = {"name": EVIL, "notes": EVIL, "data": {EVIL: EVIL}, "kind": EVIL[:60]}
    person = records.made("people", **values)["id"]
    records.made("things", title=EVIL, person_id=person)
    decide(user, records.project, f'Add a text field "{EVIL}" to people', trace_id=records.project.pk)
    drafts = [trace.pk for trace in list_traces(user, records.project)]
    base = f"/projects/{records.project.pk}"
    browser.post(f"{base}/settings/", {"name": EVIL, "description": EVIL})
    pages = ["/", "/projects/", *(f"{base}/{name}" for name in ("", "settings/", "builder/", "history/", "export/"))]
    pages += [f"{base}/builder/?trace={draft}" for draft in drafts]
    pages += [
        f"{base}/data/people/{name}" for name in ("", "new/", f"{person}/", f"{person}/edit/", f"{person}/delete/")
    ]
    pages += [f"{base}/data/people/?{encoded(name)}={encoded(EVIL)}" for name in ("search", "name", "kind", EVIL)]
    pages += [f"{base}/data/things/", f"{base}/data/things/new/", f"{base}/data/things/?person_id={person}"]
    for page in pages:
        response = browser.get(page)
        assert response.status_code in {200, 400}, page
        assert runs_in(response.content) == [], page
    assert runs_in(browser.post(f"{base}/data/people/new/", dict.fromkeys(values, EVIL)).content) == []


def runs_in(page: bytes) -> list[Any]:
    markup = Markup()
    markup.feed(page.decode())
    return markup.found


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//http://",
        "data:text/html,x",
        "//x",
        "http://a b",
        'http://x" onclick=x',
    ],
)
def test_an_address_that_runs_something_is_no_address(things: RecordsClient, address: str) -> None:
    assert things.create("things", {"name": "x", "a_url": address}).status_code == 400
