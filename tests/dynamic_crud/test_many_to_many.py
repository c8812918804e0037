"""Links to many records: set, read, filtered, shown; and what nobody can do with them."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from core.errors import BadRequest
from core.models import Project, User
from dynamic_crud.links import MAX_LINKS, save_links
from dynamic_crud.listing import ListQuery, Shape
from dynamic_crud.written import Wanted
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, as_member, change_row, links_of, page_of, provisioned, runtime_of


def errors_of(response: Any) -> dict[str, str]:
    assert response.status_code == 400, response.content
    return {error["path"]: error["code"] for error in response.json()["errors"]}


# Models


def test_a_junction_has_a_model_but_no_resource() -> None:
    runtime = runtime_of(documents.tagged())
    assert set(runtime.resources) == {"tags", "companies", "contacts", "notices"}
    contacts = runtime.models["contacts"]
    field: Any = contacts._meta.get_field("tags")
    assert field.remote_field.through._meta.db_table == "contacts_tags"
    assert field.related_model is runtime.models["tags"]
    assert field.remote_field.through not in runtime.models.values()
    assert "tags" not in {column.column for column in contacts._meta.concrete_fields}


# Values


def test_links_are_given_as_ids_and_answered_as_ids(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=[tags[2], tags[0]])
    assert sorted(made["tags"]) == sorted([tags[0], tags[2]])
    read = book.get("contacts", made["id"]).json()
    assert read == made
    assert book.list("contacts").json()["results"] == [made]
    assert book.made("contacts", name="Bob")["tags"] == []
    assert book.made("contacts", name="Cleo", tags=None)["tags"] == []


def test_links_stand_in_the_order_in_which_they_were_made(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=[tags[4]])
    for count in (2, 3, 4):
        book.change("contacts", made["id"], {"tags": [*tags[: count - 1], tags[4]]})
    assert book.get("contacts", made["id"]).json()["tags"] == [tags[4], *tags[:3]]


def test_a_change_replaces_the_set_and_writes_only_what_differs(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=tags[:3])
    before = links_of(book, made["id"])
    changed = book.change("contacts", made["id"], {"tags": [tags[1], tags[3]]}).json()
    assert set(changed["tags"]) == {tags[1], tags[3]}
    assert changed["name"] == "Ada"
    after = links_of(book, made["id"])
    assert after[tags[1]] == before[tags[1]]
    assert changed["updated_at"] > made["updated_at"]
    assert set(book.change("contacts", made["id"], {"name": "Ada L."}).json()["tags"]) == {tags[1], tags[3]}
    assert book.replace("contacts", made["id"], {"name": "Ada"}).json()["tags"] == []
    assert links_of(book, made["id"]) == {}


@pytest.mark.parametrize("nothing", [[], None])
def test_nothing_removes_all_links(book: RecordsClient, tags: list[str], nothing: Any) -> None:
    made = book.made("contacts", name="Ada", tags=tags)
    assert book.change("contacts", made["id"], {"tags": nothing}).json()["tags"] == []


def test_a_change_that_changes_no_link_is_no_change(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=tags[:2])
    assert book.change("contacts", made["id"], {"tags": tags[1::-1]}).json() == made


def test_the_same_id_twice_is_one_link(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=[tags[0], tags[0].upper(), tags[0]])
    assert made["tags"] == [tags[0]]
    assert book.change("contacts", made["id"], {"tags": [tags[1], tags[1]]}).json()["tags"] == [tags[1]]


def test_a_record_may_link_to_its_own_kind_and_to_itself(book: RecordsClient) -> None:
    ada = book.made("contacts", name="Ada")
    bob = book.made("contacts", name="Bob", friends=[ada["id"]])
    both = book.change("contacts", bob["id"], {"friends": [ada["id"], bob["id"]]}).json()
    assert set(both["friends"]) == {ada["id"], bob["id"]}
    assert book.get("contacts", ada["id"]).json()["friends"] == []


def test_expanded_links_are_records_with_labels(book: RecordsClient, tags: list[str]) -> None:
    company = book.made("companies", name="Acme", labels=[tags[4]])
    made = book.made("contacts", name="Ada", tags=tags[:1], company_id=company["id"])
    for row in (
        book.get("contacts", made["id"], expand="tags,company_id").json(),
        book.list("contacts", expand="tags,company_id").json()["results"][0],
    ):
        (tag,) = row["tags"]
        assert (tag["id"], tag["label"], tag["name"]) == (tags[0], "A", "A")
        assert row["company_id"]["labels"] == [tags[4]]
    book.change("contacts", made["id"], {"friends": [made["id"]]})
    (friend,) = book.get("contacts", made["id"], expand="friends").json()["friends"]
    assert (friend["tags"], friend["friends"]) == ([tags[0]], [made["id"]])


def test_many_are_created_at_once_or_none(book: RecordsClient, tags: list[str]) -> None:
    response = book.create("contacts", [{"name": "Ada", "tags": tags}, {"name": "Bob", "tags": tags[:1]}])
    assert response.status_code == 201
    assert [set(row["tags"]) for row in response.json()] == [set(tags), set(tags[:1])]
    missing = [{"name": "Cleo", "tags": tags}, {"name": "Dan", "tags": [tags[0], str(uuid4())]}]
    assert errors_of(book.create("contacts", missing)) == {"$[1].tags[1]": "does_not_exist"}
    taken = book.create("contacts", [{"name": "Cleo", "tags": tags}, {"name": "Ada", "tags": tags}])
    assert taken.status_code == 409
    assert [error["path"] for error in taken.json()["errors"]] == ["$[1].name"]
    assert book.list("contacts").json()["count"] == 2


# Filters


def test_a_list_is_filtered_by_what_rows_link_to(book: RecordsClient, tags: list[str]) -> None:
    for name, linked in (("Ada", tags[:2]), ("Bob", tags[1:3]), ("Cleo", tags), ("Dan", [])):
        book.made("contacts", name=name, tags=linked)

    def found(**parameters: Any) -> list[str]:
        answer = book.list("contacts", **parameters).json()
        names = sorted(row["name"] for row in answer["results"])
        assert answer["count"] == len(names)
        return names

    assert found(tags=tags[0]) == ["Ada", "Cleo"]
    assert found(tags__exact=tags[1]) == ["Ada", "Bob", "Cleo"]
    assert found(tags__in=",".join(tags)) == ["Ada", "Bob", "Cleo"]
    assert found(tags__in=f"{tags[2]},{tags[4]}") == ["Bob", "Cleo"]
    assert found(tags__isnull="true") == ["Dan"]
    assert found(tags__isnull="false", tags=tags[2]) == ["Bob", "Cleo"]
    assert found(tags=str(uuid4())) == []
    for parameters in ({"tags": "x"}, {"tags__in": f"{tags[0]},x"}, {"tags__isnull": "perhaps"}, {"ordering": "tags"}):
        assert book.list("contacts", **parameters).status_code == 400


def test_a_list_takes_one_more_query_for_each_column_of_links(book: RecordsClient, tags: list[str], user: User) -> None:
    queries, records = [], as_member(user, book.project, "contacts")
    for count in (1, 40):
        rows = [{"name": f"{count}-{n}", "tags": tags[n % 3 :]} for n in range(count)]
        ids = [row["id"] for row in book.create("contacts", rows).json()]
        for contact in ids[:3]:
            book.change("contacts", contact, {"friends": ids[:2]})
        with CaptureQueriesContext(connection) as captured:
            assert page_of(records).total == (1 if count == 1 else 41)
        queries.append(len(captured))
    assert queries[0] == queries[1]
    with CaptureQueriesContext(connection) as captured:
        page_of(records)
    linking = [query["sql"] for query in captured if "contacts_tags" in query["sql"]]
    assert len(linking) == 1
    assert "user_id" not in linking[0].partition("FROM")[0]


# What is refused


@pytest.mark.parametrize("value", ["x", 1, True, {}, "6fa459ea-ee8a-3ca4-894e-db77e160355e"])
def test_links_are_a_list(book: RecordsClient, value: Any) -> None:
    assert errors_of(book.create("contacts", {"name": "Ada", "tags": value})) == {"$.tags": "not_a_list"}


@pytest.mark.parametrize("value", ["x", None, {}, [], 1.5, "a\0b"])
def test_each_link_is_an_id(book: RecordsClient, tags: list[str], value: Any) -> None:
    response = book.create("contacts", {"name": "Ada", "tags": [tags[0], value]})
    assert list(errors_of(response)) == ["$.tags[1]"]
    assert book.list("contacts").json()["count"] == 0


def test_no_link_to_what_is_no_row_of_that_table(book: RecordsClient, tags: list[str], user: User) -> None:
    company = book.made("companies", name="Acme")
    other = RecordsClient(book.client, provisioned(user, documents.tagged()))
    foreign = other.made("tags", name="Elsewhere")
    for target in (company["id"], foreign["id"], str(uuid4())):
        assert errors_of(book.create("contacts", {"name": "Ada", "tags": [tags[0], target]})) == {
            "$.tags[1]": "does_not_exist"
        }
    made = book.made("contacts", name="Ada", tags=tags[:1])
    assert errors_of(book.change("contacts", made["id"], {"tags": [company["id"]]})) == {"$.tags[0]": "does_not_exist"}
    assert book.get("contacts", made["id"]).json()["tags"] == tags[:1]


def test_too_many_links_are_refused(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada")
    many = [str(uuid4()) for _ in range(10_000)]
    assert errors_of(book.create("contacts", {"name": "Bob", "tags": many})) == {"$.tags": "max_length"}
    assert errors_of(book.change("contacts", made["id"], {"tags": many})) == {"$.tags": "max_length"}
    rows = [{"name": str(n), "tags": many[:MAX_LINKS]} for n in range(21)]
    assert "10,500 links" in book.create("contacts", rows).json()["detail"]
    new = book.create("tags", [{"name": str(n)} for n in range(MAX_LINKS)]).json()
    linked = book.change("contacts", made["id"], {"tags": [tag["id"] for tag in new]}).json()["tags"]
    assert set(linked) == {tag["id"] for tag in new}


def test_no_address_leads_to_a_junction_table(book: RecordsClient) -> None:
    assert book.list("contacts_tags").status_code == 404
    assert book.create("contacts_tags", {}).status_code == 404


# Two people


def test_links_to_hidden_rows_do_not_show(tagged: Project, other_user: User, hidden: tuple[Any, Any, Any]) -> None:
    notice, hers, his = hidden
    seen = as_member(other_user, tagged, "notices")
    for expand in ((), ("tags",)):
        with seen.door() as door:
            (shown,) = Wanted(seen.resource, Shape(expand)).fetch(door, [notice.pk])
        assert str(hers.pk) not in shown.json
        assert str(his.pk) in shown.json
    assert page_of(seen, ListQuery(filters={"tags": str(hers.pk)})).total == 0
    assert page_of(seen, ListQuery(filters={"tags": str(his.pk)})).total == 1
    assert page_of(as_member(tagged.owner, tagged, "notices"), ListQuery(filters={"tags": str(hers.pk)})).total == 1


def test_hidden_links_stay_when_somebody_else_replaces_the_rest(
    tagged: Project, user: User, other_user: User, hidden: tuple[Any, Any, Any]
) -> None:
    notice, hers, his = hidden
    theirs = as_member(other_user, tagged, "notices")
    assert theirs.resource.links[0].stored(change_row(theirs, notice.pk, {"tags": []})) is None
    owners = as_member(user, tagged, "notices")
    assert owners.resource.links[0].stored(owners.get(notice.pk)) == [hers.pk]
    change_row(theirs, notice.pk, {"tags": [his.pk]})
    assert set(owners.resource.links[0].stored(owners.get(notice.pk))) == {hers.pk, his.pk}
    assert page_of(theirs, ListQuery(filters={"tags__isnull": "false"})).total == 1


def test_nobody_links_to_a_hidden_row_or_learns_that_it_exists(
    tagged: Project, other_user: User, hidden: tuple[Any, Any, Any]
) -> None:
    notice, hers, _ = hidden
    theirs = as_member(other_user, tagged, "notices")
    said = []
    for target in (hers.pk, uuid4()):
        for attempt in (
            lambda target=target: theirs.create([{"text": "x", "tags": [target]}], paths=["$"]),
            lambda target=target: change_row(theirs, notice.pk, {"tags": [target]}),
        ):
            with pytest.raises(BadRequest) as refused:
                attempt()
            said.append(str(refused.value.to_json()).replace(str(target), "ID"))
    assert said[:2] == said[2:]
    assert "does_not_exist" in said[0]


def test_two_who_replace_the_same_links_at_once_end_in_one_of_the_sets(book: RecordsClient, tags: list[str]) -> None:
    made = book.made("contacts", name="Ada", tags=tags[:1])
    wanted = [tags[:3], tags[2:]]
    together, answers = threading.Barrier(2), []

    def change(targets: list[str]) -> None:
        client = RecordsClient(client_of(book.project.owner), book.project)
        together.wait()
        answers.extend(client.change("contacts", made["id"], {"tags": targets}).status_code for _ in range(10))
        connections.close_all()

    threads = [threading.Thread(target=change, args=[targets]) for targets in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20
    assert set(book.get("contacts", made["id"]).json()["tags"]) in [set(targets) for targets in wanted]


def test_who_replaces_links_waits_for_whoever_does_so_already(
    book: RecordsClient, tags: list[str], superuser: Any
) -> None:
    made = book.made("contacts", name="Ada", tags=tags[:1])
    first = as_member(book.project.owner, book.project, "contacts")
    answers = []

    def change() -> None:
        client = RecordsClient(client_of(book.project.owner), book.project)
        answers.append(client.change("contacts", made["id"], {"tags": tags[2:]}).status_code)
        connections.close_all()

    second = threading.Thread(target=change)
    with first.writing() as door:
        row = first.lock(door, UUID(made["id"]))
        save_links(door, row, {first.resource.links[0]: [UUID(tag) for tag in tags[:3]]})
        second.start()
        while second.is_alive() and not superuser.execute("select 1 from pg_locks where not granted").fetchone():
            second.join(0.01)
    second.join()
    assert answers == [200]
    assert set(book.get("contacts", made["id"]).json()["tags"]) == set(tags[2:])
