"""Hostile values for every type, by every way in: each is kept as the type keeps it, or refused with its place.

Many values go in one call, so that all types meet all of them: what is wrong is named by row and column, and the rows
that nothing was said of are stored by a second call.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.models import User
from dynamic_crud.filters import filter_names
from dynamic_crud.runtime import get_runtime
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, page, provisioned, sent
from tests.dynamic_crud.hostile import SHAPES, TEXTS
from tests.schemas.every_type import TABLE, every_type_document

LONG = 20_000
VALUES = [
    *(text for text in TEXTS if len(text) < LONG),
    *(value for shape, values in SHAPES.items() if shape is not str for value in values if len(repr(value)) < LONG),
    None, 10**400, "x" * LONG, [[[[]]]], {"a": [{}]}, [None] * 600,
]  # fmt: skip
HEADERS = ("", "x", '"', '"a" "b"', "W/", "é".encode().decode("latin-1"), "*, *", '"' + "a" * 5_000, "\\", "'x'")


@pytest.fixture
def everything(user: User) -> RecordsClient:
    """A project with a column of every type."""
    records = RecordsClient(client_of(user), provisioned(user, every_type_document()))
    records.client.raise_request_exception = False
    return records


def faults_of(response: Any) -> list[str]:
    """The places that a refusal names, which is a problem as all are."""
    assert response.status_code == 400, (response.status_code, response.content[:300])
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"]
    assert problem["detail"]
    return [error["path"] for error in problem["errors"]]


def fit(values: list[Any], column: str, send: Any, prefix: str) -> list[Any]:
    """Those of the values that a call takes: sent again without the rows that it named, until nothing is wrong."""
    for _ in range(4):
        response = send(values)
        if response.status_code < 300:
            return values
        rows = set()
        for place in faults_of(response):
            start, _, rest = place.removeprefix(prefix).partition("]")
            assert rest.startswith(f".{column}"), (column, place)
            rows.add(int(start))
        values = [value for index, value in enumerate(values) if index not in rows]
    pytest.fail(f"{column} was refused four times")


def test_every_value_is_kept_or_refused_with_its_place(everything: RecordsClient) -> None:
    fields = get_runtime(everything.project).resource(TABLE).fields
    anchor = [row["id"] for row in everything.create(TABLE, [{}] * len(VALUES)).json()]
    for item in fields:
        column = item.column.name
        values = [value for value in VALUES if not isinstance(value, int) or abs(value) < 2**64] + ["9" * 4000]
        taken = fit(values, column, lambda rows, c=column: everything.create(TABLE, [{c: row} for row in rows]), "$[")
        assert len(taken) < len(values) or item.type.key in ("json", "auto_number"), f"{column} takes anything"

        def change(rows: list[Any], column: str = column) -> Any:
            body = [{"id": pk, column: row} for pk, row in zip(anchor, rows, strict=False)]
            return everything.client.patch(everything.url(TABLE), json.dumps(body), content_type="application/json")

        assert fit(values, column, change, "$[") == taken, column
        wrong = next((value for value in values if value not in taken), None)
        if wrong is not None and not item.type.numbered:
            one = everything.change(TABLE, anchor[0], {column: wrong})
            assert {place.partition("[")[0] for place in faults_of(one)} == {f"$.{column}"}
    assert everything.list(TABLE, page_size=200).status_code == 200
    assert everything.list(TABLE, page_size=200, expand="user_value,relation_value_id").status_code == 200


def test_json_that_is_nested_too_deeply_is_refused_with_its_place(everything: RecordsClient) -> None:
    for depth in (102, 300, 1020):  # past what the column, what is written and what Python nests
        body = f'{{"json_value": {"[" * depth}{"]" * depth}}}'
        response = everything.client.post(everything.url(TABLE), body, content_type="application/json")
        assert faults_of(response) == ["$.json_value"]


def test_every_filter_reads_or_refuses_any_text_with_its_place(everything: RecordsClient) -> None:
    everything.create(TABLE, {})
    texts = [text for text in TEXTS if len(text) < LONG] + ["9" * 4000]
    for number, name in enumerate(filter_names(get_runtime(everything.project).resource(TABLE))):
        for text in texts[number % 40 :: 40]:
            for extra in ({}, {"aggregate": "count()"}):
                response = everything.list(TABLE, **{name: text}, **extra)
                if response.status_code == 200:
                    continue
                assert [place.partition("[")[0] for place in faults_of(response)] in ([f"query.{name}"], []), (
                    name,
                    text,
                )


def test_every_header_is_read_or_refused(everything: RecordsClient) -> None:
    record = everything.made(TABLE)["id"]
    for name in ("If-Match", "If-None-Match"):
        for text in HEADERS:
            for method, body in (("get", ""), ("patch", '{"text_value": "x"}'), ("delete", "")):
                response = everything.client.generic(
                    method.upper(), everything.url(TABLE, record), body, "application/json", headers={name: text}
                )
                assert faults_of(response) == [f"header.{name}"], (name, text, method)
    for name in ("Accept", "Prefer", "Idempotency-Key", "Range", "Content-Encoding", "Accept-Encoding"):
        for text in HEADERS:
            response = everything.client.get(everything.url(TABLE, record), headers={name: text})
            assert response.status_code in (200, 400, 406), (name, text)


def test_a_form_of_garbage_is_no_file(everything: RecordsClient) -> None:
    address = f"/api/v1/projects/{everything.project.pk}/tables/{TABLE}/files"
    forms: list[dict[str, Any]] = [
        {}, {"column": "attachment_value"}, {"file": sent("a.pdf", b"%PDF-1.7")}, {"column": "x", "file": "x"},
        {"column": "text_value", "file": sent("a.pdf", b"%PDF-1.7")}, {"column": "attachment_value", "file": "x"},
        {"column": "attachment_value", "file": [sent("a.pdf", b"x"), sent("b.pdf", b"x")]},
        {"column": ["attachment_value", "'; --"], "file": sent("a.pdf", b"")},
        {"column": "a\0b", "file": sent("a\0b.pdf", b"%PDF-1.7")},
    ]  # fmt: skip
    for form in forms:
        faults = everything.client.post(address, form, format="multipart")
        assert faults.status_code == 400, (form, faults.content)
        assert faults.json()["detail"]
    for kind in ("multipart/form-data", 'multipart/form-data; boundary="', "application/json", "text/plain", "x/y/z"):
        response = everything.client.generic("POST", address, b"\xff\x00--x\r\n", kind)
        assert response.status_code in (400, 415), (kind, response.content)


def test_a_form_of_garbage_is_shown_again(everything: RecordsClient, browser: Any) -> None:
    address = page(everything, "record-create", table=TABLE)
    for item in get_runtime(everything.project).resource(TABLE).fields:
        if item.type.key in ("text", "long_text", "rich_text", "json", "auto_number", "attachment"):
            continue
        response = browser.post(address, {item.name: "'\"><script>%s{{7*7}}"})
        assert response.status_code == (302 if item.type.key == "boolean" else 422), item.name
        assert b"<script>%s" not in response.content
