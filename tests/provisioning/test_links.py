"""Links of many-to-many relations: members of one project against each other's, and what versions do to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError

from core.errors import InvalidSchema, Problem
from core.models import Project, User
from tests.provisioning.acts import named, provision, query, submit, tables
from tests.provisioning.documents import Document, column, document, link, links, table
from tests.provisioning.test_row_security import facts, one

LINK = "insert into contacts_tags (source_id, target_id) values (%s, %s) returning id"
CHOICE = "insert into rooms_tags (source_id, target_id) values (%s, %s) returning id"


def contacts_and_tags() -> Document:
    """Contacts and tags of their owners, and rooms that every member shares; the first two have relations to tags."""
    return document(
        table("contacts", column("name")),
        table("tags", column("name")),
        table("rooms", column("name"), access="project"),
        links=(
            links("contacts", "tags", "tags"),
            links("rooms", "tags", "tags"),
            links("contacts", "friends", "contacts"),
        ),
    )


@pytest.fixture
def linked(user: User, project: Project) -> Project:
    provision(user, project, contacts_and_tags())
    return project


@pytest.fixture
def alice() -> UUID:
    return uuid4()


@pytest.fixture
def bob() -> UUID:
    return uuid4()


def add(project: Project, member: UUID, name: str) -> UUID:
    """A row of a table that has a name; returns its id."""
    statements = {
        "contacts": "insert into contacts (name) values ('C') returning id",
        "tags": "insert into tags (name) values ('T') returning id",
        "rooms": "insert into rooms (name) values ('R') returning id",
    }
    return one(project, member, statements[name])[0]


def linked_pair(project: Project, member: UUID) -> tuple[UUID, UUID]:
    """A contact and a tag of the member with a link between them."""
    contact, tag = add(project, member, "contacts"), add(project, member, "tags")
    one(project, member, LINK, contact, tag)
    return contact, tag


def refusal(project: Project, member: UUID, statement: str, *parameters: Any) -> tuple[Any, ...]:
    """Everything that PostgreSQL tells about a link that it refuses."""
    with pytest.raises(IntegrityError) as caught:
        query(project, member, "member", statement, *parameters)
    return facts(caught.value)


def test_a_link_is_visible_to_whom_its_source_is(linked: Project, alice: UUID, bob: UUID) -> None:
    contact, tag = linked_pair(linked, alice)
    seen = "select user_id, source_id, target_id from contacts_tags"
    assert query(linked, alice, "member", seen) == [(alice, contact, tag)]
    assert query(linked, bob, "member", seen) == []
    assert query(linked, bob, "member", seen + " where source_id = %s", contact) == []
    assert query(linked, bob, "admin", seen) == [(alice, contact, tag)]


def test_links_of_shared_rows_are_shared_whatever_they_lead_to(linked: Project, alice: UUID, bob: UUID) -> None:
    room, tag = add(linked, alice, "rooms"), add(linked, alice, "tags")
    one(linked, alice, CHOICE, room, tag)
    assert one(linked, bob, "select target_id from rooms_tags") == (tag,)
    assert query(linked, bob, "member", "select * from tags") == []
    assert one(linked, bob, "delete from rooms_tags returning source_id") == (room,)


def test_a_member_removes_only_links_of_visible_rows(linked: Project, alice: UUID, bob: UUID) -> None:
    contact, _ = linked_pair(linked, alice)
    linked_pair(linked, bob)
    assert query(linked, bob, "member", "delete from contacts_tags where source_id = %s returning id", contact) == []
    assert len(query(linked, bob, "member", "delete from contacts_tags returning id")) == 1
    assert one(linked, alice, "select count(*) from contacts_tags") == (1,)


def test_a_hidden_and_a_missing_target_are_refused_alike(linked: Project, alice: UUID, bob: UUID) -> None:
    hidden = add(linked, alice, "tags")
    for insert, source in ((LINK, add(linked, bob, "contacts")), (CHOICE, add(linked, bob, "rooms"))):
        assert refusal(linked, bob, insert, source, hidden) == refusal(linked, bob, insert, source, uuid4())


def test_a_hidden_and_a_missing_source_are_refused_alike(linked: Project, alice: UUID, bob: UUID) -> None:
    contact, own = add(linked, alice, "contacts"), add(linked, bob, "tags")
    assert refusal(linked, bob, LINK, contact, own) == refusal(linked, bob, LINK, uuid4(), own)


@pytest.mark.parametrize(
    "insert",
    [
        LINK,
        "insert into contacts_tags (source_id, target_id) values (%s, %s) on conflict do nothing",
        "insert into contacts_tags values (default, default, default, default, %s, %s) on conflict (id) do nothing",
    ],
)
def test_nobody_finds_out_whether_a_hidden_link_exists(linked: Project, alice: UUID, bob: UUID, insert: str) -> None:
    contact, tag = linked_pair(linked, alice)
    exists = refusal(linked, bob, insert, contact, tag)
    assert exists == refusal(linked, bob, insert, contact, uuid4()) == refusal(linked, bob, insert, uuid4(), tag)


def test_a_link_is_there_once(linked: Project, alice: UUID) -> None:
    contact, tag = linked_pair(linked, alice)
    with pytest.raises(IntegrityError, match="duplicate key"):
        one(linked, alice, LINK, contact, tag)


def test_a_member_cannot_make_links_in_somebody_elses_name(linked: Project, alice: UUID, bob: UUID) -> None:
    contact, tag = add(linked, bob, "contacts"), add(linked, bob, "tags")
    insert = "insert into contacts_tags (source_id, target_id, user_id) values (%s, %s, %s)"
    with pytest.raises(ProgrammingError, match="row-level security"):
        query(linked, bob, "member", insert, contact, tag, alice)


@pytest.mark.parametrize("role", ["member", "admin"])
@pytest.mark.parametrize("attack", ["set target_id = source_id", "set user_id = auth.uid()", "set id = id"])
def test_nobody_changes_a_link(linked: Project, alice: UUID, role: Any, attack: str) -> None:
    linked_pair(linked, alice)
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(linked, alice, role, "update contacts_tags " + attack)
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(linked, alice, role, "select * from contacts_tags for update")


def test_an_update_in_disguise_is_refused_too(linked: Project, alice: UUID) -> None:
    contact, tag = linked_pair(linked, alice)
    upsert = LINK.replace(" returning id", " on conflict (source_id, target_id) do update set target_id = %s")
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(linked, alice, "member", upsert, contact, tag, tag)


def test_an_admin_links_whatever_there_is(linked: Project, alice: UUID, bob: UUID) -> None:
    contact, tag = add(linked, alice, "contacts"), add(linked, bob, "tags")
    query(linked, uuid4(), "admin", LINK, contact, tag)
    assert one(linked, alice, "select target_id from contacts_tags") == (tag,)
    assert query(linked, bob, "member", "select * from contacts_tags") == []
    assert one(linked, alice, "delete from contacts_tags returning target_id") == (tag,)


@pytest.mark.parametrize("end", ["contacts", "tags"])
def test_links_go_with_either_end_whoever_made_them(linked: Project, alice: UUID, bob: UUID, end: str) -> None:
    contact, tag = add(linked, alice, "contacts"), add(linked, bob, "tags")
    query(linked, uuid4(), "admin", LINK, contact, tag)
    owner = {"contacts": alice, "tags": bob}[end]
    assert len(query(linked, owner, "member", named("delete from {table} returning id", table=end))) == 1
    assert query(linked, alice, "admin", "select count(*) from contacts_tags") == [(0,)]


def test_rows_of_one_table_are_linked_to_each_other(linked: Project, alice: UUID, bob: UUID) -> None:
    insert = "insert into contacts_friends (source_id, target_id) values (%s, %s) returning source_id"
    ann, ben = add(linked, alice, "contacts"), add(linked, alice, "contacts")
    assert one(linked, alice, insert, ann, ben) == (ann,)
    assert one(linked, alice, insert, ann, ann) == (ann,)
    stranger = add(linked, bob, "contacts")
    assert refusal(linked, alice, insert, ann, stranger) == refusal(linked, alice, insert, ann, uuid4())
    assert query(linked, bob, "member", "select * from contacts_friends") == []


def test_a_column_of_the_source_that_is_called_like_one_of_the_links_opens_nothing(
    user: User, project: Project, alice: UUID, bob: UUID
) -> None:
    """The policy looks into the source, whose columns could be taken for those of the link."""
    relations = (link("leads", "source_id", "leads"), links("leads", "others", "leads"))
    provision(user, project, document(table("leads", column("name")), links=relations))
    (lead,) = one(project, alice, "insert into leads (name) values ('L') returning id")
    query(project, alice, "admin", "update leads set source_id = id")
    one(project, alice, "insert into leads_others (source_id, target_id) values (%s, %s) returning id", lead, lead)
    (own,) = one(project, bob, "insert into leads (name) values ('L') returning id")
    query(project, bob, "admin", "update leads set source_id = id where id = %s", own)
    assert query(project, bob, "member", "select * from leads_others") == []
    assert len(query(project, alice, "member", "select * from leads_others")) == 1


def test_links_follow_the_access_of_their_source(user: User, linked: Project, alice: UUID, bob: UUID) -> None:
    linked_pair(linked, alice)
    wider = contacts_and_tags()
    wider["tables"][0]["access"] = "project"
    provision(user, linked, wider)
    assert one(linked, bob, "select count(*) from contacts_tags") == (1,)
    provision(user, linked, contacts_and_tags())
    assert one(linked, bob, "select count(*) from contacts_tags") == (0,)


def test_renames_keep_the_links(user: User, linked: Project, alice: UUID, bob: UUID) -> None:
    contact, tag = linked_pair(linked, alice)
    renamed = document(
        table("tags", column("name"), renamed_from="contacts"),
        table("contacts", column("name"), renamed_from="tags"),
        links=(links("tags", "contacts", "contacts", renamed_from="tags"),),
    )
    result = provision(user, linked, renamed, confirm_destructive=True)
    assert result["tables_created"] == []
    assert result["tables_changed"] == ["tags", "contacts"]
    assert result["tables_dropped"] == ["rooms"]
    assert query(linked, alice, "member", "select source_id, target_id from tags_contacts") == [(contact, tag)]
    assert query(linked, bob, "member", "select * from tags_contacts") == []
    own = one(linked, bob, "insert into tags (name) values ('C') returning id")[0]
    insert = "insert into tags_contacts (source_id, target_id) values (%s, %s)"
    assert refusal(linked, bob, insert, own, tag) == refusal(linked, bob, insert, own, uuid4())


def archived_links(project: Project, user: User) -> list[tuple[int, int]]:
    """The version that archived each junction table and how many links it has; only the owner reaches any of them."""
    found = query(
        project, user.pk, "owner",
        r"select relname from pg_class where relnamespace = current_schema::regnamespace and relkind = 'r'"
        r" and relname like '\_x\_%j\_%'",
    )  # fmt: skip
    counts = []
    for (name,) in found:
        for role in ("member", "admin"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                query(project, user.pk, role, named("select * from {table}", table=name))
        ((count,),) = query(project, user.pk, "owner", named("select count(*) from {table}", table=name))
        counts.append((int(name.split("_")[2]), count))
    return sorted(counts)


def test_what_is_dropped_stays_in_the_archive_and_comes_back(user: User, linked: Project, alice: UUID) -> None:
    linked_pair(linked, alice)
    without = contacts_and_tags()
    del without["relationships"][0]
    with pytest.raises(Problem, match="Confirm") as caught:
        submit(user, linked, without)
    assert [error["code"] for error in caught.value.errors] == ["drops_links"]
    assert "'contacts' to 'tags'" in caught.value.errors[0]["detail"]
    first = tables(linked, user)
    for number in (2, 4):
        result = provision(user, linked, without, confirm_destructive=True)
        assert (result["tables_dropped"], result["tables_changed"]) == ([], ["contacts"])
        assert archived_links(linked, user) == [(number, 1)]
        provision(user, linked, contacts_and_tags())
        assert tables(linked, user) == first
        assert archived_links(linked, user) == []
        assert one(linked, alice, "select count(*) from contacts_tags") == (1,)


@pytest.mark.parametrize("dropped", ["contacts", "tags"])
def test_links_are_archived_with_the_table_at_either_end(
    user: User, linked: Project, alice: UUID, dropped: str
) -> None:
    linked_pair(linked, alice)
    smaller = contacts_and_tags()
    smaller["tables"] = [item for item in smaller["tables"] if item["name"] != dropped]
    smaller["relationships"] = [
        item for item in smaller["relationships"] if dropped not in (item["from_table"], item["to_table"])
    ]
    result = provision(user, linked, smaller, confirm_destructive=True)
    assert result["tables_dropped"] == [dropped]
    query(linked, user.pk, "owner", named("delete from {table}", table=f"_x_2_t_{dropped}"))
    assert archived_links(linked, user) == [(2, 0), (2, 1)]


def test_links_to_one_table_are_not_links_to_another(user: User, linked: Project, alice: UUID) -> None:
    linked_pair(linked, alice)
    elsewhere = contacts_and_tags()
    elsewhere["relationships"][0]["to_table"] = "rooms"
    with pytest.raises(Problem, match="Confirm") as caught:
        submit(user, linked, elsewhere)
    assert [error["code"] for error in caught.value.errors] == ["drops_links"]
    provision(user, linked, elsewhere, confirm_destructive=True)
    assert one(linked, alice, "select count(*) from contacts_tags") == (0,)
    assert archived_links(linked, user) == [(2, 1)]
    contact, room = one(linked, alice, "select id from contacts")[0], add(linked, alice, "rooms")
    assert one(linked, alice, LINK, contact, room)


def test_a_real_table_and_links_swap_a_name(user: User, project: Project) -> None:
    names = (table("contacts", column("name")), table("tags", column("name")))
    provision(user, project, document(*names, table("contacts_tags", column("name"))))
    query(project, user.pk, "admin", "insert into contacts_tags (name) values ('kept')")
    taken = document(
        *names,
        table("labels", column("name"), renamed_from="contacts_tags"),
        links=(links("contacts", "tags", "tags"),),
    )
    provision(user, project, taken)
    assert query(project, user.pk, "admin", "select name from labels") == [("kept",)]
    assert query(project, user.pk, "admin", "select count(*) from contacts_tags") == [(0,)]


@pytest.mark.parametrize("many_first", [True, False])
def test_one_link_does_not_become_many_nor_many_one(user: User, project: Project, many_first: bool) -> None:
    names = (table("contacts", column("name")), table("tags", column("name")))
    many = document(*names, links=(links("contacts", "tags", "tags", id="c_link"),))
    single = document(*names, links=(link("contacts", "tag_id", "tags", id="c_link"),))
    first, second = (many, single) if many_first else (single, many)
    provision(user, project, first)
    with pytest.raises(InvalidSchema, match="move the values") as caught:
        submit(user, project, second, confirm_destructive=True)
    assert caught.value.code == "change_not_supported"
