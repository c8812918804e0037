"""Links to many records on the pages of records: forms, lists, details, deletions, files."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from core.models import Project, User
from dynamic_crud.forms import form_class
from dynamic_crud.links import MAX_LINKS
from dynamic_crud.resources import Resource
from tests.dynamic_crud.conftest import RecordsClient, as_member, links_of


def address(client: RecordsClient, name: str, table: str, *args: Any) -> str:
    return reverse(name, args=[client.project.pk, table, *args])


def html(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.content.decode()


def test_a_form_chooses_any_number_of_records(book: RecordsClient, tags: list[str], browser: Client) -> None:
    create = address(book, "record-create", "contacts")
    form = html(browser.get(create))
    assert '<select name="tags"' in form
    assert " multiple" in form
    assert browser.post(create, {"name": "Ada", "tags": tags[:2]}).status_code == 302
    (made,) = book.list("contacts").json()["results"]
    assert set(made["tags"]) == set(tags[:2])
    edit = address(book, "record-edit", "contacts", made["id"])
    form = html(browser.get(edit))
    assert form.count(" selected>") == 3  # with the company that nobody chose
    assert f'<option value="{tags[0]}" selected>A</option>' in form
    before = links_of(book, made["id"])
    assert browser.post(edit, {"name": "Ada", "tags": [tags[1], tags[4]]}).status_code == 302
    assert set(book.get("contacts", made["id"]).json()["tags"]) == {tags[1], tags[4]}
    assert links_of(book, made["id"])[tags[1]] == before[tags[1]]
    assert browser.post(edit, {"name": "Ada"}).status_code == 302
    assert book.get("contacts", made["id"]).json()["tags"] == []


def test_a_form_refuses_what_cannot_be_linked_and_keeps_the_rest(
    book: RecordsClient, tags: list[str], browser: Client
) -> None:
    create = address(book, "record-create", "contacts")
    for wrong in ("x", str(uuid4())):
        form = html(browser.post(create, {"name": "Ada", "tags": [tags[0], wrong]}), 422)
        assert "There is no such record" in form
        assert f'<option value="{tags[0]}" selected>A</option>' in form
    many = {"name": "Ada", "tags": [str(uuid4()) for _ in range(MAX_LINKS + 1)]}
    assert "At most 500 records can be linked." in html(browser.post(create, many), 422)
    assert "At most 500 records" not in html(browser.post(create, {"name": "", "tags": tags}), 422)
    assert book.list("contacts").json()["count"] == 0


def test_a_form_starts_with_the_link_that_the_address_names(
    book: RecordsClient, tags: list[str], browser: Client
) -> None:
    form = html(browser.get(address(book, "record-create", "contacts"), {"tags": tags[3]}))
    assert f'<option value="{tags[3]}" selected>D</option>' in form
    assert form.count(" selected>") == 2  # the other is the company that nobody chose


def test_a_form_leaves_links_to_hidden_rows_alone(
    tagged: Project, user: User, other_user: User, hidden: tuple[Any, Any, Any]
) -> None:
    notice, hers, his = hidden
    theirs, owners = as_member(other_user, tagged, "notices"), as_member(user, tagged, "notices")
    with theirs.writing() as door:
        form = form_of(theirs.resource, door, theirs.lock(door, notice.pk), {"text": "Bye", "tags": []})
        assert form.is_valid(), form.errors
        assert form.initial["tags"] == [his]
        form.save()
    assert owners.resource.links[0].stored(owners.get(notice.pk)) == [hers.pk]


def form_of(resource: Resource, door: Any, row: Any, data: dict[str, Any]) -> Any:
    sent = QueryDict(mutable=True)
    for name, value in data.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return form_class(resource)(sent, instance=row, door=door, members={})


def test_lists_and_pages_show_what_is_linked(book: RecordsClient, tags: list[str], browser: Client) -> None:
    book.change("tags", tags[0], {"name": "<b>A</b>"})
    made = book.made("contacts", name="Ada", tags=tags[:1])
    for tag in tags[1:]:
        book.change("contacts", made["id"], {"tags": tags[: tags.index(tag) + 1]})
    page = html(browser.get(address(book, "record-list", "contacts")))
    assert [f">{name}</a>" in page for name in ("B", "C", "D", "E")] == [True, True, False, False]
    assert "&lt;b&gt;A&lt;/b&gt;" in page
    assert "<b>A" not in page
    assert ">+2</span>" in page
    detail = html(browser.get(address(book, "record-detail", "contacts", made["id"])))
    assert all(f'href="{address(book, "record-detail", "tags", tag)}"' in detail for tag in tags)
    target = html(browser.get(address(book, "record-detail", "tags", tags[3])))
    assert 'Contacts <span class="vc-badge">1</span>' in target
    assert f'href="{address(book, "record-detail", "contacts", made["id"])}">Ada</a>' in target
    assert f"{address(book, 'record-create', 'contacts')}?tags={tags[3]}" in target


def test_a_list_page_filters_by_links(book: RecordsClient, tags: list[str], browser: Client) -> None:
    book.made("contacts", name="Ada", tags=tags[:1])
    book.made("contacts", name="Bob", tags=tags[1:])
    listing = address(book, "record-list", "contacts")
    page = html(browser.get(listing, {"tags": tags[0]}))
    assert "Remove filter: Tags is A" in page
    assert ("Ada</a>" in page, "Bob</a>" in page) == (True, False)
    assert "Remove filter: Tags is one of A, C" in html(browser.get(listing, {"tags__in": f"{tags[0]},{tags[2]}"}))


def test_deleting_removes_links_and_says_so_before(book: RecordsClient, tags: list[str], browser: Client) -> None:
    company = book.made("companies", name="Acme", labels=tags[:1])
    ada = book.made("contacts", name="Ada", tags=tags[:3], company_id=company["id"])
    book.made("contacts", name="Bob", tags=tags[:1], friends=[ada["id"]])
    page = html(browser.get(address(book, "record-delete", "contacts", ada["id"])))
    assert "<strong>3</strong> tags; they stay" in page
    assert "<strong>1</strong> contact, whose friends become fewer" in page
    page = html(browser.get(address(book, "record-delete", "tags", tags[0])))
    assert "<strong>2</strong> contacts, whose tags become fewer" in page
    assert "<strong>1</strong> company, whose labels become fewer" in page
    page = html(browser.get(address(book, "record-delete", "companies", company["id"])))
    assert "<strong>1</strong> contact<" in page
    assert "<strong>3</strong> tags; they stay" in page
    assert book.delete("tags", tags[0]).status_code == 204
    assert set(book.get("contacts", ada["id"]).json()["tags"]) == set(tags[1:3])
    assert book.delete("contacts", ada["id"]).status_code == 204
    assert links_of(book, ada["id"]) == {}
    assert book.list("tags").json()["count"] == 4
    (bob,) = book.list("contacts").json()["results"]
    assert (bob["tags"], bob["friends"]) == ([], [])


def test_a_file_has_the_ids_and_the_labels_of_links(book: RecordsClient, tags: list[str], browser: Client) -> None:
    made = book.made("contacts", name="Ada", tags=tags[:2])
    response = browser.get(address(book, "record-list", "contacts"), {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert row["tags"] == ",".join(made["tags"])
    assert sorted(row["tags (label)"].split(", ")) == ["A", "B"]
    assert [UUID(each) for each in row["tags"].split(",")]
