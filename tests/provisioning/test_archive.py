"""What leaves a document and is in a later one again: it comes back as it was, with everything that hangs on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError

from core import sql
from core.errors import Conflict
from core.models import Project, User
from provisioning import service
from provisioning.service import plan_for
from tests.provisioning.acts import provision, query, reload, rollback, submit, tables
from tests.provisioning.documents import Document, column, document, link, links, table


def shop(*left_out: str) -> Document:
    """Orders with numbers, unique codes, customers and tags; without the tables that are named."""
    orders = table(
        "orders",
        column("number", "auto_number", start=100),
        column("code", required=True, unique=True),
        column("region"),
        column("total", "currency", currency="EUR", default="0.00"),
        indexes=[{"columns": ["region", "created_at"]}],
        unique=[["region", "code"]],
        access="project",
    )
    whole = (table("customers", column("name", required=True)), orders, table("tags", column("name")))
    relations = (
        link("orders", "customer_id", "customers", on_delete="restrict"),
        link("orders", "parent_id", "orders"),
        links("orders", "tags", "tags"),
    )
    kept = [each for each in whole if each["name"] not in left_out]
    here = [each for each in relations if not {each["from_table"], each["to_table"]} & {*left_out}]
    return document(*kept, links=tuple(here), name="Shop")


def everything(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that there is, as text."""
    with_rows = {}
    found = query(
        project,
        uuid4(),
        "owner",
        r"select relname from pg_class where relnamespace = current_schema::regnamespace and relkind = 'r'"
        r" and relname not like '\_%'",
    )
    for (name,) in found:
        columns = query(
            project,
            uuid4(),
            "owner",
            "select array_agg(attname::text order by attname) from pg_attribute "
            r"where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname not like '\_%%'",
            name,
        )
        rows = sql.format(
            "select {columns} from {table} order by id",
            columns=sql.identifiers(columns[0][0]),
            table=sql.identifier(name),
        )
        with_rows[name] = query(project, uuid4(), "admin", sql.text(rows))
    return with_rows


@pytest.fixture
def filled(user: User, project: Project) -> Project:
    """A shop with two customers, two orders and a tag on one of them."""
    provision(user, project, shop())
    query(project, user.pk, "admin", "insert into customers (name) values ('Ada'), ('Bob')")
    query(
        project,
        user.pk,
        "admin",
        "insert into orders (code, region, total, customer_id) select 'O-' || name, 'north', 5, id from customers",
    )
    query(project, user.pk, "admin", "update orders set parent_id = (select id from orders where code = 'O-Ada')")
    query(project, user.pk, "admin", "insert into tags (name) values ('urgent')")
    query(
        project,
        user.pk,
        "admin",
        "insert into orders_tags (source_id, target_id) select orders.id, tags.id from orders, tags",
    )
    return project


@pytest.mark.parametrize("dropped", [["orders"], ["customers"], ["tags"], ["orders", "tags"], ["customers", "orders"]])
def test_a_table_comes_back_with_all_that_it_had(user: User, filled: Project, dropped: list[str]) -> None:
    catalog, rows = tables(filled, user), everything(filled)
    for _ in range(2):
        provision(user, filled, shop(*dropped), confirm_destructive=True)
        assert not {*dropped} & {*everything(filled)}
        told = plan_for(reload(user, filled), shop()).returning
        assert {
            f"{name} comes back from the archive with {len(rows[name])} row{'s' * (len(rows[name]) > 1)}."
            for name in dropped
        } <= {*told}
        assert ("tags of orders comes back from the archive with 2 links." in told) == bool(
            {*dropped} & {"orders", "tags"}
        )
        provision(user, filled, shop())
        assert tables(filled, user) == catalog
        assert everything(filled) == rows


def test_a_table_that_came_back_works(user: User, filled: Project) -> None:
    provision(user, filled, shop("orders"), confirm_destructive=True)
    provision(user, filled, shop())
    member = uuid4()
    made = query(filled, member, "member", "insert into orders (code) values ('new') returning number, total::text")
    assert made == [(102, "0.00")]
    with pytest.raises(IntegrityError, match="uq_"):
        query(filled, member, "member", "insert into orders (code) values ('new')")
    with pytest.raises(IntegrityError, match="fk_"):
        query(filled, user.pk, "admin", "delete from customers where name = 'Ada'")
    with pytest.raises(ProgrammingError, match="permission denied"):
        query(filled, member, "member", "insert into orders (number) overriding system value values (7)")
    changed = query(filled, member, "member", "update orders set total = 9 returning updated_at > created_at")
    assert changed == [(True,)] * 3


def test_a_column_comes_back_with_its_values_and_all_that_hangs_on_it(user: User, filled: Project) -> None:
    catalog, rows = tables(filled, user), everything(filled)
    without = shop()
    orders = without["tables"][1]
    orders["columns"] = [each for each in orders["columns"] if each["name"] not in ("number", "region", "total")]
    del orders["indexes"], orders["unique"]
    without["relationships"] = []
    with pytest.raises(Conflict) as caught:
        submit(user, filled, without)
    assert {(error["code"], error["count"]) for error in caught.value.errors} == {
        ("drops_column", 2),
        ("drops_links", 2),
    }
    provision(user, filled, without, confirm_destructive=True)
    with pytest.raises(ProgrammingError, match="does not exist"):
        query(filled, user.pk, "admin", "select region from orders")
    provision(user, filled, shop())
    assert tables(filled, user) == catalog
    assert everything(filled) == rows


def test_what_comes_back_may_swap_its_name_with_what_is_there(user: User, project: Project) -> None:
    """`people` is dropped, `firms` takes its name, and then both are there under the name of the other."""
    first = document(table("people", column("name")), table("firms", column("name"), column("city")))
    provision(user, project, first)
    query(project, user.pk, "admin", "insert into people (name) values ('Ada')")
    query(project, user.pk, "admin", "insert into firms (name, city) values ('Acme', 'Rome')")
    catalog = tables(project, user)
    firms = table("people", column("city", id="c_name"), id="t_firms")
    provision(user, project, document(firms), confirm_destructive=True)
    swapped = document(
        table("people", column("city", id="c_name"), column("name", id="c_city"), id="t_firms"),
        table("firms", column("title", id="c_name"), id="t_people"),
    )
    provision(user, project, swapped, confirm_destructive=True)
    assert query(project, user.pk, "admin", "select title from firms") == [("Ada",)]
    assert query(project, user.pk, "admin", "select city, name from people") == [("Acme", "Rome")]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert tables(project, user) == catalog
    assert query(project, user.pk, "admin", "select name, city from firms") == [("Acme", "Rome")]


def test_a_column_that_was_dropped_before_its_table_comes_back_with_it(user: User, filled: Project) -> None:
    catalog, rows = tables(filled, user), everything(filled)
    bare = shop()
    bare["tables"][1]["columns"] = bare["tables"][1]["columns"][:2]
    del bare["tables"][1]["indexes"], bare["tables"][1]["unique"]
    provision(user, filled, bare, confirm_destructive=True)
    provision(user, filled, shop("orders"), confirm_destructive=True)
    provision(user, filled, shop())
    assert tables(filled, user) == catalog
    assert everything(filled) == rows


def test_nothing_in_the_archive_is_in_anybodys_reach(user: User, filled: Project) -> None:
    provision(user, filled, shop("orders"), confirm_destructive=True)
    for role in ("member", "admin"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            query(filled, user.pk, role, "select * from _x_2_t_orders")


def test_links_to_records_that_were_deleted_meanwhile_become_empty_and_that_is_said(
    user: User, filled: Project
) -> None:
    provision(user, filled, shop("orders"), confirm_destructive=True)
    query(filled, user.pk, "admin", "delete from customers where name = 'Ada'")
    query(filled, user.pk, "admin", "delete from tags")
    ids = dict(query(filled, user.pk, "owner", "select code, id from _x_2_t_orders"))
    with pytest.raises(Conflict) as caught:
        submit(user, filled, shop())
    told = {(error["code"], error["count"]) for error in caught.value.errors}
    assert told == {("unlinks_rows", 1), ("unlinks_rows", 2)}
    assert [error["rows"] for error in caught.value.errors if error["count"] == 1] == [[str(ids["O-Ada"])]]
    before = query(filled, user.pk, "owner", "select id, updated_at from _x_2_t_orders order by id")
    provision(user, filled, shop(), confirm_destructive=True)
    links_now = dict(query(filled, user.pk, "admin", "select code, customer_id is null from orders"))
    assert links_now == {"O-Ada": True, "O-Bob": False}
    assert query(filled, user.pk, "admin", "select count(*) from orders_tags") == [(0,)]
    assert query(filled, user.pk, "admin", "select id, updated_at from orders order by id") == before


def test_required_links_to_deleted_records_keep_a_document_from_being_provisioned(user: User, project: Project) -> None:
    whole = document(
        table("firms", column("name")),
        table("people", column("name")),
        links=(link("people", "firm_id", "firms", required=True, on_delete="cascade"),),
    )
    provision(user, project, whole)
    firm: UUID
    ((firm,),) = query(project, user.pk, "admin", "insert into firms (name) values ('Acme') returning id")
    query(project, user.pk, "admin", "insert into people (name, firm_id) values ('Ada', %s)", firm)
    provision(user, project, document(table("firms", column("name"))), confirm_destructive=True)
    query(project, user.pk, "admin", "delete from firms")
    with pytest.raises(Conflict) as caught:
        submit(user, project, whole, confirm_destructive=True)
    assert caught.value.code == service.ROWS_DO_NOT_FIT
    assert [(error["code"], error["count"]) for error in caught.value.errors] == [("relation_may_fail", 1)]
    assert reload(user, project).active_config.number == 2
