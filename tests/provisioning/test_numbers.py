"""Numbered columns: PostgreSQL gives the numbers, nobody else does, and no version loses one."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, ProgrammingError, connections

from core.errors import InvalidSchema
from core.models import Project, User
from tests.provisioning.acts import named, provision, query, submit, tables
from tests.provisioning.documents import Document, column, document, table

INSERT = "insert into invoices (title) values ('T') returning number"


def invoices(*more: Document, name: str = "number", **settings: Any) -> Document:
    return document(table("invoices", column("title"), column(name, "auto_number", **settings), *more))


def without_numbers() -> Document:
    return document(table("invoices", column("title")))


@pytest.fixture
def numbered(user: User, project: Project) -> Project:
    provision(user, project, invoices(start=1000))
    return project


def insert(project: Project, member: UUID, statement: str = INSERT) -> int:
    ((number,),) = query(project, member, "member", statement)
    return int(number)


def numbers(project: Project) -> list[int]:
    return [row[0] for row in query(project, uuid4(), "admin", "select number from invoices order by number")]


@pytest.mark.parametrize("start", [0, 1, 1000])
def test_rows_are_numbered_from_the_start_whoever_makes_them(user: User, project: Project, start: int) -> None:
    provision(user, project, invoices(start=start))
    assert [insert(project, uuid4()) for _ in range(3)] == [start, start + 1, start + 2]


@pytest.mark.parametrize("role", ["member", "admin"])
@pytest.mark.parametrize(
    "attack",
    [
        "insert into invoices (number) values (7)",
        "insert into invoices (number) overriding system value values (7)",
        "insert into invoices (title, number) overriding user value values ('T', 7)",
        "insert into invoices overriding system value select * from invoices",
        "insert into invoices (id) select id from invoices on conflict (id) do update set number = default",
        "update invoices set number = 7",
        "update invoices set number = default",
        "select nextval('sq_t_invoices_c_number')",
        "select setval('sq_t_invoices_c_number', 1)",
        "select last_value from sq_t_invoices_c_number",
        "alter sequence sq_t_invoices_c_number restart",
        "alter table invoices alter column number drop identity",
    ],
)
def test_nobody_gives_a_number(numbered: Project, role: Any, attack: str) -> None:
    member = uuid4()
    assert insert(numbered, member) == 1000
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner|non-DEFAULT|only be updated"):
        query(numbered, member, role, attack)
    assert numbers(numbered) == [1000]
    assert insert(numbered, member) == 1001


def test_everything_else_of_a_numbered_row_is_the_members(numbered: Project) -> None:
    member = uuid4()
    insert(numbered, member)
    assert query(numbered, member, "member", "update invoices set title = 'New' returning title") == [("New",)]
    assert query(numbered, member, "member", "select * from invoices for update") != []
    assert len(query(numbered, member, "member", "delete from invoices returning number")) == 1


def test_rights_follow_the_columns(user: User, numbered: Project) -> None:
    member = uuid4()
    provision(user, numbered, invoices(column("paid_on", "date"), start=1000))
    paid = "insert into invoices (title, paid_on) values ('T', now()) returning number"
    assert insert(numbered, member, paid) == 1000
    assert query(numbered, member, "member", "update invoices set paid_on = null returning number") == [(1000,)]
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(numbered, member, "member", "update invoices set number = default")


def test_rows_that_are_there_are_numbered_by_their_age(user: User, project: Project) -> None:
    provision(user, project, without_numbers())
    for age in (3, 1, 2):
        query(
            project, user.pk, "admin",
            "insert into invoices (title, created_at, updated_at) values (%s, now() - %s * interval '1 day', 'epoch')",
            str(age), age,
        )  # fmt: skip
    provision(user, project, invoices(start=10))
    found = query(project, user.pk, "admin", "select title, number, updated_at = 'epoch' from invoices order by number")
    assert found == [("3", 10, True), ("2", 11, True), ("1", 12, True)]
    assert insert(project, uuid4()) == 13
    touched = "update invoices set title = 'x' where number = 10 returning updated_at > 'epoch'"
    assert query(project, user.pk, "admin", touched) == [(True,)]


def test_an_empty_table_starts_with_the_first_number(user: User, project: Project) -> None:
    provision(user, project, without_numbers())
    provision(user, project, invoices(start=0))
    assert [insert(project, uuid4()) for _ in range(2)] == [0, 1]


def test_the_numbers_of_an_archived_column_go_on(user: User, numbered: Project) -> None:
    member, first = uuid4(), tables(numbered, user)
    insert(numbered, member)
    for number in (2, 4):
        provision(user, numbered, without_numbers(), confirm_destructive=True)
        query(numbered, member, "member", "insert into invoices (title) values ('T')")
        hidden = named("select {column} from invoices order by 1", column=f"_x_{number}_c_number")
        assert [row[0] for row in query(numbered, user.pk, "owner", hidden)] == list(range(1000, 1000 + number))
        provision(user, numbered, invoices(start=1000))
        assert tables(numbered, user) == first
        insert(numbered, member)


def test_a_numbered_table_that_comes_back_counts_on(user: User, numbered: Project) -> None:
    first = tables(numbered, user)
    for number in (2, 4):
        insert(numbered, uuid4())
        given = list(range(1000, 1000 + number // 2))
        provision(user, numbered, document(table("notes", column("body"))), confirm_destructive=True)
        hidden = named("select number from {table} order by number", table=f"_x_{number}_t_invoices")
        assert [row[0] for row in query(numbered, user.pk, "owner", hidden)] == given
        provision(user, numbered, invoices(start=1000), confirm_destructive=True)
        assert tables(numbered, user) == first
        assert numbers(numbered) == given


def test_a_renamed_column_counts_on(user: User, numbered: Project) -> None:
    insert(numbered, uuid4())
    provision(user, numbered, invoices(name="code", start=1000, renamed_from="number"))
    assert insert(numbered, uuid4(), "insert into invoices (title) values ('T') returning code") == 1001


def test_how_a_number_is_written_changes_no_more_than_what_searches_find(user: User, numbered: Project) -> None:
    before = tables(numbered, user)
    result = provision(user, numbered, invoices(start=1000, prefix="INV-", padding=6))
    assert result["version"] == "1.0.1"
    after = tables(numbered, user)
    words = [name for name in before["invoices"]["indexes"] if name.endswith("__words")]
    assert len(words) == 1
    assert "INV-" in after["invoices"]["indexes"].pop(words[0])[0]
    assert "INV-" not in before["invoices"]["indexes"].pop(words[0])[0]
    assert after == before


def test_counting_starts_elsewhere_but_never_goes_back(user: User, numbered: Project) -> None:
    def restarted(start: int) -> int:
        provision(user, numbered, invoices(start=start))
        return insert(numbered, uuid4())

    assert restarted(7) == 7, "no number was given before, so it counts from the new start"
    assert restarted(2000) == 2000
    assert restarted(5) == 2001, "smaller numbers are not given again"
    query(numbered, user.pk, "admin", "delete from invoices")
    assert restarted(6) == 2002, "nor those of rows that are gone"
    assert restarted(0) == 2003


def test_rows_that_are_made_at_once_get_numbers_of_their_own(numbered: Project) -> None:
    barrier, found, failures = threading.Barrier(4), [], []

    def work() -> None:
        try:
            barrier.wait()
            found.extend(insert(numbered, uuid4()) for _ in range(10))
        except (DatabaseError, threading.BrokenBarrierError) as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(found) == numbers(numbered) == list(range(1000, 1040))


def test_numbers_that_people_entered_do_not_become_those_that_count_up(user: User, project: Project) -> None:
    provision(user, project, document(table("invoices", column("title"), column("number", "integer"))))
    with pytest.raises(InvalidSchema) as caught:
        submit(user, project, invoices())
    assert caught.value.code == "change_not_supported"


def test_numbers_become_a_column_of_texts_or_integers_and_count_on_when_they_come_back(
    user: User, numbered: Project
) -> None:
    insert(numbered, uuid4())
    first = tables(numbered, user)
    for kind, written in (("text", "1000"), ("integer", 1000)):
        provision(user, numbered, document(table("invoices", column("title"), column("number", kind))))
        assert query(numbered, user.pk, "admin", "select number from invoices") == [(written,)]
        query(numbered, uuid4(), "member", "insert into invoices (title, number) values ('T', %s)", str(7))
        provision(user, numbered, invoices(start=1000), confirm_destructive=True)
        assert tables(numbered, user) == first
        query(numbered, user.pk, "admin", "delete from invoices where number > 1000")
