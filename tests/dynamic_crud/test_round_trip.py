"""Every type, all the way: form -> row -> API -> text -> row, with values that break careless software.

A value is either stored, and then the same wherever it is read, or refused by form and API alike with a sentence.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.renderers import JSONRenderer

from core.members import member_name
from core.models import User
from dynamic_crud.csv_export import unguarded
from dynamic_crud.etags import tag_of
from dynamic_crud.factory import DynamicRow
from dynamic_crud.listing import Shape
from dynamic_crud.querysets import all_rows, with_related
from dynamic_crud.records import Records
from dynamic_crud.resources import ResourceField
from dynamic_crud.serializers import represent, serializer_class
from schemas.column_types.attachment import FilesField
from tests.conftest import client_of
from tests.dynamic_crud.conftest import PDF, RecordsClient, after_work, dump, provisioned, sent
from tests.dynamic_crud.hostile import values_of
from tests.schemas.every_type import TABLE, every_type_document

pytestmark = pytest.mark.usefixtures("folder")


Values = dict[ResourceField, Any]
Answer = tuple[set[str], str]
"""The columns that were refused, each with a sentence; or the id of the new record."""


@dataclass
class Everything:
    """The project with a column of every type, through its pages, its API and its tables."""

    user: User
    api: RecordsClient
    pages: Client
    own: dict[str, list[Any]] = field(default_factory=dict)
    """Values that only this project has, by type."""

    @property
    def records(self) -> Records:
        return Records.access(self.user, self.api.project.pk, TABLE)

    @property
    def fields(self) -> list[ResourceField]:
        return [item for item in self.records.resource.fields if not item.type.numbered]

    def url(self, name: str, *args: Any) -> str:
        return reverse(name, args=[self.api.project.pk, TABLE, *args])

    def row(self, record_id: Any) -> DynamicRow:
        return self.records.get(UUID(str(record_id)))

    def cases(self, item: ResourceField) -> list[Any]:
        """What is tried in a column; nothing at all last, so that no column has none."""
        return [*self.own.get(item.type.key, ()), *values_of(item.type), None]

    def rounds(self) -> Iterator[Values]:
        """Values for all columns at once, until each has had all of its own. Long ones stand in different rounds."""
        cases = [(item, self.cases(item)) for item in self.fields]
        for number in range(max(len(values) for _, values in cases)):
            yield {item: values[(number + 7 * place) % len(values)] for place, (item, values) in enumerate(cases)}

    def type_in(self, values: Values) -> Answer:
        """Sends a form."""
        data = {item.name: typed(item, value) for item, value in values.items()}
        response = self.pages.post(self.url("record-create"), {k: v for k, v in data.items() if v is not None})
        if response.status_code == 302:
            return set(), response["Location"].rstrip("/").rpartition("/")[2]
        assert response.status_code == 422, re.sub(r"<[^>]*>|\s+", " ", response.content.decode())[-1500:]
        errors = response.context["form"].errors
        assert all(is_sentence(text) for texts in errors.values() for text in texts), errors
        return {item.column.name for item in values if item.name in errors}, ""

    def send(self, values: Values) -> Answer:
        """Sends a record to the API."""
        response = self.api.create(TABLE, {item.column.name: value for item, value in values.items()})
        if response.status_code == 201:
            return set(), response.json()["id"]
        assert response.status_code == 400, response.content[:2000]
        errors = response.json()["errors"]
        assert all(is_sentence(error["detail"]) for error in errors), errors
        paths = {re.split(r"[.\[]", error["path"].removeprefix("$."))[0] for error in errors}
        assert paths <= {item.column.name for item in values}, errors
        return paths, ""

    def fill(self) -> list[DynamicRow]:
        """Stores every value that can be stored, in as many rows as that takes."""
        serializer = serializer_class(self.records.resource)
        made = []
        for values in self.rounds():
            data = {
                item.column.name: value
                for item, value in values.items()
                if item.type.key not in self.own or value in self.own[item.type.key]
            }
            judged = serializer(data=data)
            judged.is_valid()
            made.append({name: value for name, value in data.items() if name not in judged.errors})
        response = self.api.create(TABLE, made)
        assert response.status_code == 201, response.content[:2000]
        return [self.row(record["id"]) for record in response.json()]


@pytest.fixture
def everything(user: User, browser: Client) -> Everything:
    document = every_type_document()
    api = RecordsClient(client_of(user), provisioned(user, document))
    made = Everything(user, api, browser)
    targets = {item.column.config["to_table"] for item in made.fields if item.column.is_relation}
    ids = {target: [api.made(target, name=f"{target} {n}")["id"] for n in range(3)] for target in sorted(targets)}
    for item in made.fields:
        if item.column.is_relation:
            found = ids[item.column.config["to_table"]]
            made.own[item.type.key] = [found[0]] if item.column.is_reference else [found[:1], found, found[:1] * 2]
        if isinstance(item.model_field, FilesField):
            file = api.uploaded(PDF, "Lease \u05d0 '=1.pdf", item.column.name, TABLE)
            made.own[item.type.key] = [[file], [file["id"]]]
    made.own["user"] = [str(user.pk)]
    return made


def typed(item: ResourceField, value: Any) -> Any:
    """What a person enters for a JSON value; None for nothing."""
    if value is None:
        return None
    if isinstance(item.model_field, FilesField):
        return (
            sent("Lease \u05d0 '=1.pdf", PDF) if value and isinstance(value[0], dict) and "size" in value[0] else None
        )
    if dict in item.type.json_types:
        return json.dumps(value)
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_sentence(text: str) -> bool:
    return len(text) > 10 and text[-1] in ".!?" and "Traceback" not in text


def is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def is_rounded(value: Any) -> bool:
    """Whether it is a number that JSON readers take for a double: jsonb keeps its digits, and nobody else does."""
    return type(value) is int and not -(2**63) <= value < 2**63


def values_in(row: DynamicRow, fields: list[ResourceField]) -> dict[str, Any]:
    """What a row stores, by column. Links have no order of their own, and no file has two ids."""
    found = {item.column.name: item.stored(row) for item in fields}
    for item in fields:
        value = found[item.column.name]
        if not item.column.is_stored and value:
            found[item.column.name] = sorted(value)
        if isinstance(item.model_field, FilesField) and value:
            found[item.column.name] = [(file["name"], file["size"], file["type"]) for file in value]
    return found


def without(values: Values, columns: set[str]) -> Values:
    return {item: value for item, value in values.items() if item.column.name not in columns}


def like_a_form(value: Any) -> Any:
    """A stored text with the line breaks that forms store: browsers send one kind for all."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def settle(send: Callable[[Values], Answer], values: Values) -> Answer:
    """Sends what is not refused, until nothing is. What is refused may be found in two steps: form, then existence."""
    refused: set[str] = set()
    while True:
        more, record_id = send(without(values, refused))
        refused |= more
        if record_id:
            return refused, record_id
        assert more, "Something was refused, and nobody says what."


def test_a_value_is_stored_or_refused_by_form_and_api_alike(everything: Everything) -> None:
    fields = [item for item in everything.fields if not isinstance(item.model_field, FilesField)]
    stored = dict.fromkeys((item.column.name for item in fields), 0)
    for values in everything.rounds():
        by_form, typed_id = settle(everything.type_in, values)
        by_api, sent_id = settle(everything.send, values)
        one, other = (values_in(everything.row(pk), fields) for pk in (typed_id, sent_id))
        for item in fields:
            name, told = item.column.name, (item.column.name, repr(values[item])[:100])
            # Nothing but spaces is nothing, where it is not refused; Django and DRF have their ways there.
            assert name not in by_form - by_api or is_blank(values[item]), told
            if name in by_api - by_form:  # a form may understand more, such as an address without its scheme
                understood = everything.api.get(TABLE, typed_id).json()[name]
                assert everything.api.change(TABLE, sent_id, {name: understood}).status_code == 200, told
            else:
                assert like_a_form(one[name]) == like_a_form(other[name]), told
            stored[name] += one[name] is not None
    assert all(stored.values()), stored


def test_a_stored_value_survives_api_and_text(everything: Everything) -> None:
    records, fields, rows = everything.records, everything.fields, everything.fill()
    downloaded = read_csv(everything)
    for row in rows:
        before = values_in(row, fields)
        answered = everything.api.get(TABLE, str(row.pk)).json()
        again = everything.api.change(
            TABLE, str(row.pk), {item.column.name: answered[item.column.name] for item in fields}
        )
        assert {**again.json(), "updated_at": ""} == {**answered, "updated_at": ""}
        parsed = {}
        for item in fields:
            value, cell = item.stored(row), unguarded(downloaded[str(row.pk)][item.column.name])
            assert (cell == "") == (value is None), item.column.name
            if value is not None:
                read = item.type.parse(item.column, cell)
                assert type(read) is type(value), (item.column.name, read)
                assert read == value, (item.column.name, cell[:80])
                parsed |= {item.model_field.attname: read} if item.column.is_stored else {}
        with records.writing() as door:
            all_rows(records.resource, door.alias).filter(pk=row.pk).update(**parsed)
        assert values_in(everything.row(row.pk), fields) == before


def test_a_downloaded_list_is_imported_as_it_was(everything: Everything) -> None:
    fields, rows = everything.fields, everything.fill()
    response = everything.pages.get(everything.url("record-list"), {"format": "csv", "ordering": "id"})
    file = sent("everything.csv", b"".join(response.streaming_content))
    columns = everything.pages.post(everything.url("record-import"), {"file": file})["Location"]
    page = everything.pages.get(columns)
    chosen = {each["input"]: each["chosen"] for each in page.context["columns"]}
    assert {each["name"] for each in page.context["columns"] if not each["chosen"]} == {
        *("id", "created_at", "updated_at", "auto_number_value"),
        *(f"{item.name} (label)" for item in everything.records.resource.expandable),
    }
    assert len([each for each in chosen.values() if each]) == len(fields)
    preview = after_work(everything.pages, everything.pages.post(columns, chosen))
    report = preview.context["report"]
    assert (report["ready"], report["faults"]) == (len(rows), [])
    done = after_work(everything.pages, everything.pages.post(preview.request["PATH_INFO"], {"rows": "all"}))
    assert done.context["result"] == {"count": len(rows), "refused": 0}
    records, known = everything.records, {row.pk for row in rows}
    with records.reading() as door:
        ids = [pk for pk in all_rows(records.resource, door.alias).values_list("pk", flat=True) if pk not in known]
    again = sorted((values_in(everything.row(pk), fields) for pk in ids), key=repr)
    assert again == sorted((values_in(row, fields) for row in rows), key=repr)


def in_python(records: Records, row: DynamicRow, shape: Shape) -> Any:
    """A record as Django REST framework has it."""
    resource, members = records.resource, records.members
    data = represent(resource, row)
    with records.door() as door:
        for item in resource.expandable:
            value = data[item.column.name]
            if item.column.name not in shape.expand or value is None:
                continue
            if not item.column.is_relation:
                data[item.column.name] = {"id": value, "label": member_name(members, item.value(row))}
                continue
            target, ids = resource.target(item), value if isinstance(value, list) else [value]
            found = with_related(target, all_rows(target, door.alias)).in_bulk([UUID(str(pk)) for pk in ids])
            objects = [{**represent(target, each), "label": str(each)} for pk in ids for each in [found[UUID(str(pk))]]]
            data[item.column.name] = objects if isinstance(value, list) else objects[0]
    return json.loads(JSONRenderer().render({name: data[name] for name in shape.fields or data}))


def test_postgresql_writes_the_json_that_python_writes(everything: Everything) -> None:
    records, rows = everything.records, everything.fill()
    pointing = tuple(item.column.name for item in records.resource.expandable)
    backwards = tuple(reversed(("id", *records.resource.by_column, "updated_at")))
    for shape in (Shape(), Shape(expand=pointing), Shape(pointing, backwards)):
        asked = {"expand": ",".join(shape.expand), "fields": ",".join(shape.fields)}
        listed = everything.api.list(TABLE, page_size=200, ordering="id", **asked).json()["results"]
        assert len(listed) == len(rows)
        for row, written in zip(sorted(rows, key=lambda row: row.pk), listed, strict=True):
            expected = in_python(records, row, shape)
            assert written == expected
            assert list(written) == list(expected), "The columns have another order."
            alone = everything.api.get(TABLE, str(row.pk), **asked)
            assert alone.json() == expected
            assert alone["ETag"] == tag_of(row, alone.content)


def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(everything: Everything) -> None:
    fields = everything.fields
    for row in everything.fill():
        edit = everything.url("record-edit", row.pk)
        form = everything.pages.get(edit).context["form"]
        shown = {bound.html_name: as_shown(bound) for bound in form}
        response = everything.pages.post(edit, {name: value for name, value in shown.items() if value is not None})
        assert response.status_code == 302, response.context["form"].errors
        after = everything.row(row.pk)
        assert values_in(after, fields) == values_in(row, fields)
        assert after.updated_at == row.updated_at or any(map(is_rounded, values_in(row, fields).values()))
        assert everything.pages.get(everything.url("record-detail", row.pk)).status_code == 200
    assert everything.pages.get(everything.url("record-list"), {"page_size": 200}).status_code == 200


def test_every_value_comes_back_from_the_trash(everything: Everything, superuser) -> None:
    rows = everything.fill()
    project = everything.api.project
    before = dump(superuser, project)
    records = everything.records
    with records.writing() as door:
        all_rows(records.resource, door.alias).filter(pk__in=[row.pk for row in rows]).delete()
    assert dump(superuser, project) != before
    (batch,) = everything.api.trash()
    assert batch["count"] == len(rows)
    restored = everything.api.restore(batch["batch"]).json()
    assert (restored["restored"], restored["losses"]) == (len(rows), [])
    assert dump(superuser, project) == before


def test_lists_and_pages_show_every_value_and_none_as_markup(everything: Everything) -> None:
    rows, fields = everything.fill(), everything.records.resource.fields
    columns = ",".join(item.column.name for item in fields)
    listed = everything.pages.get(everything.url("record-list"), {"columns": columns, "page_size": 200})
    pages = [listed, *(everything.pages.get(everything.url("record-detail", row.pk)) for row in rows[::9])]
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        for markup in ("<script>alert", "onclick=", 'href="javascript:'):
            assert markup not in text.replace("&lt;p onclick=", ""), markup
    shown = listed.content.decode()
    assert shown.count("<tr id=") == len(rows)
    cells = re.findall(r"<tr id=.*?</tr>", shown, re.S)
    assert {len(re.findall("<td ", row)) for row in cells} == {len(fields)}


def test_nothing_is_null_in_every_type(everything: Everything) -> None:
    fields = everything.fields
    _, typed_id = everything.type_in({})
    _, sent_id = everything.send(dict.fromkeys(fields))
    inputs = {item.name: "" for item in fields if item.type.json_types != (list,)}
    emptied = everything.pages.post(everything.url("record-create"), inputs)
    assert emptied.status_code == 302, emptied.context["form"].errors
    for record_id in (typed_id, sent_id, emptied["Location"].rstrip("/").rpartition("/")[2]):
        assert set(values_in(everything.row(record_id), fields).values()) == {None}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", '"\\ud800"', "1" * 5_000, "[" * 100_000])
def test_what_json_cannot_hold_is_refused_for_every_type(everything: Everything, literal: str) -> None:
    for item in everything.fields:
        body = f'{{"{item.column.name}": {literal}}}'
        response = everything.api.client.post(everything.api.url(TABLE), body, content_type="application/json")
        assert response.status_code == 400, (item.column.name, response.content[:300])
        assert is_sentence(response.json()["detail"])


def as_shown(bound: Any) -> Any:
    """What a browser sends back for a field that nobody touched."""
    show: Callable[[Any], Any] = getattr(bound.field.widget, "format_value", lambda _: None)
    return show(bound.value())


def read_csv(everything: Everything) -> dict[str, dict[str, str]]:
    """The downloaded list, by id."""
    response = everything.pages.get(everything.url("record-list"), {"format": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    limit = csv.field_size_limit(10_000_000)
    try:
        return {line["id"]: line for line in csv.DictReader(io.StringIO(text, newline=""))}
    finally:
        csv.field_size_limit(limit)
