"""Types whose values are entered, shown and found in a way of their own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from html import unescape
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import sql
from core.models import User
from dynamic_crud.csv_export import guarded, unguarded
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned

ATTACK = (
    "<p>Hello <b>big</b> world</p><script>alert('in a script')</script><img src=x onerror=alert(1)>"
    '<a href="javascript:alert(2)">run</a><a href="https://example.com">lead</a><svg/onload=alert(3)>'
)
SAFE = (
    '<p>Hello <b>big</b> world</p><a rel="noopener noreferrer nofollow">run</a>'
    '<a href="https://example.com" rel="noopener noreferrer nofollow">lead</a>'
)


@pytest.fixture
def jobs(user: User) -> RecordsClient:
    """Jobs with tags, the time that they took, a report, a number and a phone number."""
    options = [
        {"value": "urgent", "label": "Urgent", "color": "red"},
        {"value": "paid", "label": "Paid"},
        {"value": "a,b", "label": "With a comma"},
    ]
    document = {
        "name": "Jobs",
        "tables": [
            {
                "name": "jobs",
                "ui_hints": {"title_column": "number"},
                "columns": [
                    {"name": "number", "type": "auto_number", "prefix": "inv-", "start": 9},
                    {"name": "tags", "type": "multi_select", "options": options},
                    {"name": "spent", "type": "duration"},
                    {"name": "report", "type": "rich_text"},
                    {"name": "phone", "type": "phone", "country": "DE"},
                ],
            },
            {"name": "visits", "columns": [{"name": "reason", "type": "text", "required": True}]},
        ],
        "relationships": [{"from_table": "visits", "from_column": "job_id", "to_table": "jobs"}],
    }
    return RecordsClient(client_of(user), provisioned(user, document))


def page(client: RecordsClient, name: str, *args: Any, table: str = "jobs") -> str:
    return reverse(name, args=[client.project.pk, table, *args])


def shown(browser: Client, address: str, **parameters: Any) -> str:
    response = browser.get(address, parameters)
    assert response.status_code == 200, response.content[-2000:]
    return response.content.decode()


def numbers(client: RecordsClient, **parameters: Any) -> list[str]:
    response = client.list("jobs", **{"ordering": "number", **parameters})
    assert response.status_code == 200, response.json()
    return [row["number"].removeprefix("inv-") for row in response.json()["results"]]


def refused(client: RecordsClient, **values: Any) -> list[str]:
    response = client.create("jobs", values)
    assert response.status_code == 400
    return [error["path"] for error in response.json()["errors"]]


# Several of a list of options


def test_options_are_kept_once_and_in_their_order(jobs: RecordsClient) -> None:
    assert jobs.made("jobs", tags=["a,b", "urgent", "a,b"])["tags"] == ["urgent", "a,b"]
    assert jobs.made("jobs", tags=[])["tags"] is None
    assert jobs.made("jobs")["tags"] is None
    many = jobs.create("jobs", [{"tags": ["paid", "urgent"]}, {"tags": ["paid"] * 3}]).json()
    assert [row["tags"] for row in many] == [["urgent", "paid"], ["paid"]]


def test_an_unknown_option_is_named_by_its_place(jobs: RecordsClient) -> None:
    assert refused(jobs, tags=["paid", "unpaid"]) == ["$.tags[1]"]
    assert refused(jobs, tags="paid") == ["$.tags"]
    response = jobs.create("jobs", [{"tags": ["paid"]}, {"tags": ["paid", None]}])
    assert [error["path"] for error in response.json()["errors"]] == ["$[1].tags[1]"]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"tags__contains": "urgent"}, ["0009", "0010"]),
        ({"tags__contains": "paid,urgent"}, ["0010"]),
        ({"tags__overlap": "paid, urgent"}, ["0009", "0010", "0011"]),
        ({"tags__overlap": ["paid", '"a,b"']}, ["0010", "0011", "0012"]),
        ({"tags__contains": '"a,b"'}, ["0012"]),
        ({"tags__isnull": "true"}, ["0013"]),
        ({"tags__isnull": "false"}, ["0009", "0010", "0011", "0012"]),
    ],
)
def test_options_are_filtered_by_all_or_any(jobs: RecordsClient, parameters: Any, found: list[str]) -> None:
    jobs.create("jobs", [{"tags": tags} for tags in (["urgent"], ["urgent", "paid"], ["paid"], ["a,b"], None)])
    assert numbers(jobs, **parameters) == found


@pytest.mark.parametrize("parameters", [{"tags__contains": "unpaid"}, {"tags__overlap": "a,b"}, {"tags": "paid"}])
def test_a_filter_by_what_is_no_option_is_refused(jobs: RecordsClient, parameters: Any) -> None:
    response = jobs.list("jobs", **parameters)
    assert [error["path"] for error in response.json()["errors"]] == [f"query.{name}" for name in parameters]


@pytest.mark.parametrize("column", ["tags", "report"])
def test_no_list_is_ordered_by_what_has_no_order(jobs: RecordsClient, browser: Client, column: str) -> None:
    assert jobs.list("jobs", ordering=column).status_code == 400
    jobs.made("jobs")
    listing = shown(browser, page(jobs, "record-list"))
    assert f"ordering={column}" not in listing
    assert "ordering=spent" in listing


def test_options_are_ticked_in_the_form_and_in_the_filter(jobs: RecordsClient, browser: Client) -> None:
    form = shown(browser, page(jobs, "record-create"))
    assert form.count('<input type="checkbox" name="tags"') == 3
    assert browser.post(page(jobs, "record-create"), {"tags": ["a,b", "urgent"]}).status_code == 302
    (made,) = jobs.list("jobs").json()["results"]
    assert made["tags"] == ["urgent", "a,b"]
    edit = page(jobs, "record-edit", made["id"])
    assert shown(browser, edit).count(" checked") == 2
    assert "Select a valid choice" in browser.post(edit, {"tags": ["unpaid"]}).content.decode()
    assert browser.post(edit, {}).status_code == 302
    assert jobs.get("jobs", made["id"]).json()["tags"] is None
    jobs.change("jobs", made["id"], {"tags": ["a,b", "urgent"]})
    listing = shown(browser, page(jobs, "record-list"), tags__overlap=['"a,b"', "paid"])
    assert '<span class="vc-badge vc-badge-red">Urgent</span>' in listing
    assert "Remove filter: Tags has any of With a comma, Paid" in listing
    builder = re.search(r'href="([^"]*/filters/[^"]*)"', listing)
    assert builder is not None
    assert shown(browser, unescape(builder[1])).count(" checked") == 2


# Lengths of time


@pytest.mark.parametrize(
    ("given", "answered", "shown_as"),
    [
        ("1h 30m", "01:30:00", "1 h 30 min"),
        ("90 min", "01:30:00", "1 h 30 min"),
        ("1:30:00", "01:30:00", "1 h 30 min"),
        ("2 03:00:00", "2 03:00:00", "2 d 3 h"),
        ("51:00:05.5", "2 03:00:05.500000", "2 d 3 h 5.5 s"),
        ("-90 s", "-1 23:58:30", "-1 min 30 s"),
        ("0 h", "00:00:00", "0 min"),
    ],
)
def test_a_duration_is_read_as_people_write_it(
    jobs: RecordsClient, browser: Client, given: str, answered: str, shown_as: str
) -> None:
    made = jobs.made("jobs", spent=given)
    assert made["spent"] == answered
    assert browser.post(page(jobs, "record-create"), {"spent": given}).status_code == 302
    assert [row["spent"] for row in jobs.list("jobs").json()["results"]] == [answered] * 2
    assert f'<span class="vc-nowrap">{shown_as}</span>' in shown(browser, page(jobs, "record-detail", made["id"]))
    assert numbers(jobs, spent=given) == ["0009", "0010"]


@pytest.mark.parametrize("given", ["soon", 90, 1.5, True, "1h 30x", "999999999 23:59:59", "366001 d"])
def test_what_is_no_duration_is_refused(jobs: RecordsClient, given: Any) -> None:
    assert refused(jobs, spent=given) == ["$.spent"]


def test_durations_are_filtered_and_ordered_by_their_length(jobs: RecordsClient, browser: Client) -> None:
    jobs.create("jobs", [{"spent": spent} for spent in ("2 h", "1 d", "30 min", None, "-1 h")])
    assert numbers(jobs, spent__gte="2h") == ["0009", "0010"]
    assert numbers(jobs, spent__lt="00:30:00") == ["0013"]
    assert numbers(jobs, spent__gt="0:30:00", spent__lte="120 min") == ["0009"]
    assert numbers(jobs, ordering="spent") == ["0013", "0011", "0009", "0010", "0012"]
    assert jobs.list("jobs", spent__gte="soon").status_code == 400
    listing = shown(browser, page(jobs, "record-list"), spent__gte="2h", spent__lte="3 d")
    assert "Remove filter: Spent from 2h" in listing
    assert 'name="spent__lte" value="3 d"' in listing


def test_a_form_shows_hours_minutes_and_seconds(jobs: RecordsClient, browser: Client) -> None:
    made = jobs.made("jobs", spent="2 d 3 h 5 s")
    assert 'value="51:00:05"' in shown(browser, page(jobs, "record-edit", made["id"]))
    kept = browser.post(page(jobs, "record-create"), {"spent": "9" * 30 + ":00:00"}).content.decode()
    assert f'value="{"9" * 30}:00:00"' in kept


# Formatted text


def test_formatted_text_is_sanitised_on_every_way_in(jobs: RecordsClient, browser: Client) -> None:
    made = jobs.made("jobs", report=ATTACK)
    assert jobs.create("jobs", [{"report": ATTACK}]).status_code == 201
    assert jobs.change("jobs", made["id"], {"report": ATTACK}).status_code == 200
    assert browser.post(page(jobs, "record-create"), {"report": ATTACK}).status_code == 302
    assert [row["report"] for row in jobs.list("jobs").json()["results"]] == [SAFE] * 3
    assert jobs.made("jobs", report="<script>alert(1)</script>")["report"] is None


def test_formatted_text_that_somebody_wrote_by_sql_runs_nowhere(
    jobs: RecordsClient, browser: Client, superuser: psycopg.Connection
) -> None:
    made = jobs.made("jobs", report="x")
    table = sql.identifier(jobs.project.schema_name, "jobs")
    superuser.execute(sql.format("update {table} set report = {report}", table=table, report=sql.literal(ATTACK)))
    edit = page(jobs, "record-edit", made["id"])
    for content in (
        shown(browser, page(jobs, "record-detail", made["id"])),
        shown(browser, page(jobs, "record-list")),
        shown(browser, edit),
        browser.post(edit, {"report": ATTACK, "spent": "no"}).content.decode(),
        jobs.get("jobs", made["id"]).json()["report"],
    ):
        assert "Hello" in content
        for trace in ("in a script", "onerror", "onload", "javascript:", "<script>alert", "&lt;script"):
            assert trace not in content
    assert SAFE in shown(browser, page(jobs, "record-detail", made["id"]))


def test_a_list_shows_the_words_of_formatted_text(jobs: RecordsClient, browser: Client) -> None:
    jobs.made("jobs", report="<h2>Leak</h2><p>Tap &amp; pipe &lt;new&gt;, <b>wo</b>rd</p>")
    assert '<span class="vc-text">Leak Tap &amp; pipe &lt;new&gt;, word</span>' in shown(
        browser, page(jobs, "record-list")
    )


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ("leak", True),
        ("WORD", True),
        ("tap & pipe", True),
        ("<new>", True),
        ("strong", False),
        ("h2", False),
        ("amp", False),
        ("leaktap", False),
    ],
)
def test_a_search_looks_at_the_words_and_not_at_the_markup(jobs: RecordsClient, search: str, is_found: bool) -> None:
    jobs.made("jobs", report="<h2>Leak</h2><p>Tap &amp; pipe &lt;new&gt;, <strong>wo</strong>rd</p>")
    assert bool(numbers(jobs, search=search)) == is_found
    assert bool(numbers(jobs, report__icontains=search)) == is_found


# Numbers that count up


def test_records_are_numbered_one_by_one_and_nobody_else_does(jobs: RecordsClient, browser: Client) -> None:
    assert jobs.made("jobs", number="inv-7777")["number"] == "inv-0009"
    many = jobs.create("jobs", [{"number": 1}, {}, {"number": None}]).json()
    assert [row["number"] for row in many] == ["inv-0010", "inv-0011", "inv-0012"]
    for change in (jobs.change, jobs.replace):
        answer = change("jobs", many[0]["id"], {"number": "inv-0001", "spent": "1 h"})
        assert (answer.json()["number"], answer.json()["spent"]) == ("inv-0010", "01:00:00")
    edit = page(jobs, "record-edit", many[0]["id"])
    assert '<span class="vc-given">inv-0010</span>' in shown(browser, edit)
    assert 'name="number"' not in shown(browser, edit)
    assert browser.post(edit, {"number": "inv-0001", "spent": "2 h"}).status_code == 302
    assert jobs.get("jobs", many[0]["id"]).json()["number"] == "inv-0010"
    assert "inv-0013" in browser.post(page(jobs, "record-create"), {"number": "5"}, follow=True).content.decode()
    assert "inv-" not in shown(browser, page(jobs, "record-create"))


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"number": "inv-0010"}, ["0010"]),
        ({"number": "INV-10"}, ["0010"]),
        ({"number": "10"}, ["0010"]),
        ({"number__gt": "inv-0010"}, ["0011", "0012"]),
        ({"number__lte": "0010"}, ["0009", "0010"]),
        ({"number__icontains": "-001"}, ["0010", "0011", "0012"]),
        ({"search": "inv-0012"}, ["0012"]),
        ({"search": "INV 12"}, ["0012"]),
        ({"search": "9"}, ["0009"]),
        ({"ordering": "-number"}, ["0012", "0011", "0010", "0009"]),
    ],
)
def test_numbers_are_found_as_they_are_written(jobs: RecordsClient, parameters: Any, found: list[str]) -> None:
    jobs.create("jobs", [{}] * 4)
    assert numbers(jobs, **parameters) == found


@pytest.mark.parametrize("text", ["x", "inv-", "-1", "9" * 30, "1.5", "inv-1; drop"])
def test_a_filter_by_what_is_no_number_is_refused(jobs: RecordsClient, text: str) -> None:
    assert jobs.list("jobs", number__gt=text).status_code == 400


def test_a_number_names_its_record(jobs: RecordsClient, browser: Client) -> None:
    made = jobs.made("jobs")
    jobs.create("jobs", [{}] * 3)
    assert "<h1>inv-0009</h1>" in shown(browser, page(jobs, "record-detail", made["id"]))
    found = browser.get(page(jobs, "record-choices"), {"q": "INV-0009"}).json()["results"]
    assert found == [{"id": made["id"], "label": "inv-0009"}]
    visit = jobs.made("visits", reason="x", job_id=made["id"])
    assert ">inv-0009</a>" in shown(browser, page(jobs, "record-detail", visit["id"], table="visits"))


# Phone numbers of a country


@pytest.mark.parametrize("given", ["030 1234567", "(030) 12-34 567", "+49 30 1234567", "0049 30 1234567"])
def test_a_phone_number_is_read_as_its_country_writes_it(jobs: RecordsClient, browser: Client, given: str) -> None:
    made = jobs.made("jobs", phone=given)
    assert made["phone"] == "+49301234567"
    assert browser.post(page(jobs, "record-create"), {"phone": given}).status_code == 302
    assert numbers(jobs, phone=given) == ["0009", "0010"]
    assert numbers(jobs, search=given) == ["0009", "0010"]
    detail = shown(browser, page(jobs, "record-detail", made["id"]))
    assert 'href="tel:+49301234567">+49 30 1234567</a>' in detail


@pytest.mark.parametrize("given", ["12", "call me", "+49 30 12345678901234567890", "\0", True, ["030 1234567"]])
def test_what_is_no_phone_number_is_refused(jobs: RecordsClient, given: Any) -> None:
    assert refused(jobs, phone=given) == ["$.phone"]
    assert jobs.list("jobs", phone=given).status_code == 400 or not isinstance(given, str)


def test_a_search_for_words_finds_no_phone_numbers(jobs: RecordsClient) -> None:
    jobs.made("jobs", phone="030 1234567")
    assert numbers(jobs, search="flat1") == []
    assert numbers(jobs, search="234") == ["0009"]


# CSV


@given(st.text(st.sampled_from("'=+-@\t\r\n\uff1d1a.")) | st.text())
def test_what_guards_against_formulas_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@", "\t", "\r", "\n", "\uff1d"))


def test_a_cell_has_the_text_form_of_its_type(jobs: RecordsClient, browser: Client) -> None:
    made = jobs.made("jobs", tags=["a,b", "urgent"], spent="-90 s", report="<p>a</p>", phone="030 1234567")
    response = browser.get(page(jobs, "record-list"), {"format": "csv"})
    (line,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    moments = {name: dt.datetime.fromisoformat(line.pop(name)) for name in ("created_at", "updated_at")}
    assert moments["created_at"] == dt.datetime.fromisoformat(made["created_at"])
    assert line == {
        "id": made["id"],
        "number": "inv-0009",
        "tags": 'urgent,"a,b"',
        "spent": "'-1 23:58:30",
        "report": "<p>a</p>",
        "phone": "+49301234567",
    }
