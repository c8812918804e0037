"""A column gets another type on real rows: what becomes of values, and that the way back loses none of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError
from psycopg.types.json import Jsonb

from core.errors import Conflict
from core.models import Project, User
from provisioning.conversions import is_conversion
from schemas.column_types import column_types, conversion
from schemas.document import Column
from tests.factories import ProjectFactory
from tests.provisioning.acts import named, provision, query, rollback, submit, tables
from tests.provisioning.documents import Document, column, document, link, table

TEXTS = ["12", "012", " 7 ", "-3.5", "true", "2026-11-20", "10:30", "ada@example.com", "open", "x < y & z", "", None]
"""For columns of texts: some fit other types, some do not, some are written otherwise than the other type would."""

OPTIONS = [{"value": "open"}, {"value": "closed"}]


def pairs() -> Iterator[tuple[str, str]]:
    """Every two types of which one can become the other."""
    kinds = [kind for kind in column_types if example(kind.key).is_stored]
    for before in kinds:
        for after in kinds:
            if before is not after and conversion(example(before.key), example(after.key)):
                yield before.key, after.key


def example(key: str) -> Column:
    return Column("c_x", "x", key, config=column_types.get(key).example)


def version(key: str, **settings: Any) -> Document:
    """Notes with a column `x` of a type, and the table that its example relation points to."""
    config = dict(column_types.get(key).example)
    others = [table(config["to_table"], column("name"))] if "to_table" in config else []
    if key == "relation":
        relation = {"id": "c_x", **config, **settings}
        kind = relation.pop("relation", "many_to_one")
        return document(
            table("notes", column("n", "integer")),
            *others,
            links=(link("notes", "x_id", **_target(relation), type=kind),),
        )
    entry = column("x_id", key, id="c_x", **config, **settings)
    return document(table("notes", column("n", "integer"), entry), *others)


def _target(relation: dict[str, Any]) -> dict[str, Any]:
    return {"target": relation.pop("to_table"), **relation}


def values(project: Project, user: User) -> list[Any]:
    return [row[0] for row in query(project, user.pk, "admin", "select x_id from notes order by n")]


def texts_of(project: Project, user: User) -> list[Any]:
    return [row[0] for row in query(project, user.pk, "admin", "select x_id::text from notes order by n")]


def fill(project: Project, user: User, key: str) -> None:
    """A row for each example value of the type, and one without."""
    kind, sample = column_types.get(key), example(key)
    if kind.numbered:
        query(project, user.pk, "admin", "insert into notes (n) values (1), (2), (3)")
        return
    found = TEXTS if key in ("text", "long_text") else [kind.value(sample, data) for data in kind.examples]
    if key == "relation":
        insert = named("insert into {table} (name) values ('A') returning id", table=sample.config["to_table"])
        found = [query(project, user.pk, "admin", insert)[0][0]]
    for i, value in enumerate([*found, None]):
        stored = Jsonb(value) if kind.sql_type(sample) == "jsonb" and value is not None else value
        query(project, user.pk, "admin", "insert into notes (n, x_id) values (%s, %s)", i, stored)


@pytest.mark.parametrize("before", sorted({before for before, _ in pairs()}))
def test_every_type_becomes_others_and_comes_back_whole(user: User, before: str) -> None:
    others = [after for source, after in pairs() if source == before]
    project = ProjectFactory(owner=user)
    provision(user, project, version(before))
    fill(project, user, before)
    catalog, kept = tables(project, user), texts_of(project, user)
    times = query(project, user.pk, "admin", "select id, updated_at from notes order by id")
    for after in others:
        result = provision(user, project, version(after), confirm_destructive=True)
        fresh = ProjectFactory(owner=user)
        provision(user, fresh, version(after))
        assert tables(project, user) == tables(fresh, user), f"{before} to {after}"
        assert result["tables_changed"] == ["notes"]
        rollback(user, project, "1.0.0", confirm_destructive=True)
        assert tables(project, user) == catalog, f"{after} back to {before}"
        assert texts_of(project, user) == kept, f"{before} by way of {after}"
    assert query(project, user.pk, "admin", "select id, updated_at from notes order by id") == times


@pytest.mark.parametrize(
    "stops",
    [["date", "datetime", "text"], ["text", "email", "url"], ["integer", "text", "json"], ["user", "uuid", "text"]],
)
def test_values_come_back_over_several_types(user: User, project: Project, stops: list[str]) -> None:
    provision(user, project, version(stops[0]))
    fill(project, user, stops[0])
    kept = texts_of(project, user)
    for stop in stops[1:]:
        provision(user, project, version(stop), confirm_destructive=True)
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert texts_of(project, user) == kept


def test_values_that_were_changed_meanwhile_win(user: User, project: Project) -> None:
    provision(user, project, version("text"))
    for n, text in enumerate(("007", "12", "abc", "5")):
        query(project, user.pk, "admin", "insert into notes (n, x_id) values (%s, %s)", n, text)
    provision(user, project, version("integer"), confirm_destructive=True)
    assert values(project, user) == [7, 12, None, 5]
    query(project, user.pk, "admin", "update notes set x_id = 13 where n = 1")
    query(project, user.pk, "admin", "update notes set x_id = null where n = 3")
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (4, 99)")
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert values(project, user) == ["007", "13", "abc", None, "99"]


def test_a_type_without_a_way_back_comes_back_and_leaves_new_values_in_the_archive(
    user: User, project: Project
) -> None:
    provision(user, project, version("integer"))
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (0, 5), (1, 6)")
    provision(user, project, version("json"))
    assert values(project, user) in ([5, 6], ["5", "6"])
    query(project, user.pk, "admin", """update notes set x_id = '{"a": 1}' where n = 1""")
    with pytest.raises(Conflict) as caught:
        rollback(user, project, "1.0.0")
    assert [(error["code"], error["count"]) for error in caught.value.errors] == [("loses_values", 1)]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert values(project, user) == [5, None]
    rollback(user, project, "1.1.0", confirm_destructive=True)
    assert [json.loads(text) for text in texts_of(project, user)] == [5, {"a": 1}]


def test_more_digits_come_back(user: User, project: Project) -> None:
    """A number with fewer decimals could keep its place on the way back, and its decimals would be lost."""

    def decimals(scale: int) -> Document:
        return document(table("notes", column("n", "integer"), column("x_id", "decimal", precision=9, scale=scale)))

    provision(user, project, decimals(3))
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (0, 1.234), (1, 2.5)")
    provision(user, project, decimals(1), confirm_destructive=True)
    query(project, user.pk, "admin", "update notes set x_id = 9.9 where n = 1")
    rollback(user, project, "1.0.0")
    assert [str(value) for value in values(project, user)] == ["1.234", "9.900"]


def test_numbers_become_texts_and_go_on_counting(user: User, project: Project) -> None:
    provision(user, project, version("auto_number"))
    query(project, user.pk, "admin", "insert into notes (n) values (0), (1)")
    numbers = values(project, user)
    result = provision(user, project, version("text"))
    assert result["migration_applied"]
    prefix, padding = (
        column_types.get("auto_number").setting(example("auto_number"), key) for key in ("prefix", "padding")
    )
    assert values(project, user) == [f"{prefix}{number:0{padding}d}" for number in numbers]
    query(project, user.pk, "member", "insert into notes (n, x_id) values (2, 'mine')")
    rollback(user, project, "1.0.0", confirm_destructive=True)
    query(project, user.pk, "member", "insert into notes (n) values (3)")
    assert values(project, user) == [*numbers, numbers[-1] + 1, numbers[-1] + 2]


def test_one_choice_becomes_several(user: User, project: Project) -> None:
    provision(
        user, project, document(table("notes", column("n", "integer"), column("x_id", "select", options=OPTIONS)))
    )
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (0, 'open'), (1, null)")
    many = document(table("notes", column("n", "integer"), column("x_id", "multi_select", options=OPTIONS)))
    provision(user, project, many)
    assert values(project, user) == [["open"], None]
    query(project, user.pk, "admin", "update notes set x_id = array['open', 'closed'] where n = 1")
    with pytest.raises(IntegrityError, match="ck_"):
        query(project, user.pk, "admin", "update notes set x_id = array['late']")
    with pytest.raises(Conflict) as caught:
        rollback(user, project, "1.0.0")
    assert [(error["code"], error["count"]) for error in caught.value.errors] == [("loses_values", 1)]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert values(project, user)[0] == "open"


def test_links_to_deleted_records_are_empty_when_a_relation_comes_back(user: User, project: Project) -> None:
    provision(user, project, version("relation"))
    fill(project, user, "relation")
    provision(
        user, project, version("text") | {"tables": [*version("text")["tables"], version("relation")["tables"][1]]}
    )
    name = version("relation")["tables"][1]["name"]
    query(project, user.pk, "admin", named("delete from {table}", table=name))
    with pytest.raises(Conflict) as caught:
        rollback(user, project, "1.0.0")
    assert [(error["code"], error["count"]) for error in caught.value.errors] == [("unlinks_rows", 1)]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert values(project, user) == [None, None]


def test_what_hangs_on_a_column_hangs_on_the_converted_one(user: User, project: Project) -> None:
    def versions(kind: str, default: Any, **settings: Any) -> Document:
        x = column("x_id", kind, required=True, unique=True, default=default, **settings)
        return document(
            table("notes", column("n", "integer"), x, indexes=[{"columns": ["n", "x_id"]}], unique=[["x_id", "n"]])
        )

    provision(user, project, versions("text", "0", max_length=20))
    catalog = tables(project, user)
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (0, '1'), (1, '2')")
    provision(user, project, versions("rating", 3), confirm_destructive=True)
    query(project, user.pk, "member", "insert into notes (n) values (2)")
    assert values(project, user) == [1, 2, 3]
    for refused, name in ((3, "uq_"), (None, "null value"), (6, "ck_")):
        with pytest.raises(IntegrityError, match=name):
            query(project, user.pk, "member", "insert into notes (n, x_id) values (3, %s)", refused)
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert tables(project, user) == catalog
    assert values(project, user) == ["1", "2", "3"]


def test_a_required_column_needs_values_that_can_be_converted(user: User, project: Project) -> None:
    provision(user, project, version("text"))
    query(project, user.pk, "admin", "insert into notes (n, x_id) values (0, '1'), (1, 'abc'), (2, 'def')")
    with pytest.raises(Conflict) as caught:
        submit(user, project, version("integer", required=True), confirm_destructive=True)
    told = {error["code"]: error["count"] for error in caught.value.errors}
    assert told == {"required_may_fail": 2}
    provision(user, project, version("integer", required=True, default=0), confirm_destructive=True)
    assert values(project, user) == [1, 0, 0]


def test_a_column_is_renamed_while_it_is_converted_and_another_takes_its_name(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("b", "integer"))))
    query(project, user.pk, "admin", "insert into notes (a, b) values ('1', 2)")
    catalog = tables(project, user)
    swapped = document(table("notes", column("b", "integer", id="c_a"), column("a", id="c_b")))
    provision(user, project, swapped, confirm_destructive=True)
    assert query(project, user.pk, "admin", "select b, a from notes") == [(1, "2")]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert tables(project, user) == catalog
    assert query(project, user.pk, "admin", "select a, b from notes") == [("1", 2)]


def test_a_conversion_that_keeps_its_place_leaves_nothing_in_the_archive() -> None:
    assert not is_conversion(example("url"), example("long_text"))
    assert is_conversion(example("text"), example("integer"))
