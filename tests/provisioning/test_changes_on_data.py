"""What versions do to rows that are there."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Conflict, InvalidSchema
from core.models import Project, User
from tests.factories import ProjectFactory
from tests.provisioning.acts import provision, query, reload, submit, tables
from tests.provisioning.documents import column, document, link, table
from tests.provisioning.test_golden import CASES, GOLDEN


def rows(project: Project, user: User, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return query(project, user.pk, "admin", statement, *parameters)


def test_renames_and_swaps_keep_the_rows(user: User, project: Project) -> None:
    provision(
        user,
        project,
        document(
            table("leads", column("first"), column("second")),
            table("deals", column("title")),
            links=(link("deals", "lead_id", "leads"),),
        ),
    )
    ((lead,),) = rows(project, user, "insert into leads (first, second) values ('1', '2') returning id")
    rows(project, user, "insert into deals (title, lead_id) values ('Big', %s)", lead)
    result = provision(
        user,
        project,
        document(
            table("deals", column("second", renamed_from="first"), column("first", renamed_from="second"))
            | {"renamed_from": "leads"},
            table("leads", column("headline", renamed_from="title")) | {"renamed_from": "deals"},
            links=(link("leads", "deal_id", "deals", renamed_from="lead_id"),),
        ),
    )
    assert result["tables_created"] == result["tables_dropped"] == []
    assert rows(project, user, "select second, first from deals") == [("1", "2")]
    assert rows(project, user, "select headline, deal_id from leads") == [("Big", lead)]


def test_what_is_dropped_stays_in_the_archive(user: User, project: Project) -> None:
    links = (link("notes", "tag_id", "tags"),)
    provision(
        user,
        project,
        document(table("tags", column("name")), table("notes", column("a"), column("b", required=True)), links=links),
    )
    ((tag,),) = rows(project, user, "insert into tags (name) values ('T') returning id")
    rows(project, user, "insert into notes (a, b, tag_id) values ('1', '2', %s)", tag)
    result = provision(user, project, document(table("notes", column("a"))), confirm_destructive=True)
    assert result["tables_dropped"] == ["tags"]
    archive = "select _x_2_c_b, _x_2_c_tag_id from notes"
    assert rows(project, user, archive) == [("2", tag)]
    assert query(project, user.pk, "owner", "select name from _x_2_t_tags") == [("T",)]
    assert rows(project, user, "insert into notes (a) values ('new') returning a") == [("new",)]
    query(project, user.pk, "owner", "delete from _x_2_t_tags")
    assert rows(project, user, archive + " where a = '1'") == [("2", tag)]


def test_what_was_dropped_can_be_made_again(user: User, project: Project) -> None:
    full = document(
        table("tags", column("name", unique=True), indexes=[{"columns": ["created_at"]}]),
        table("notes", column("a"), column("b", required=True, unique=True)),
        links=(link("notes", "tag_id", "tags"),),
    )
    provision(user, project, full)
    first = tables(project, user)
    for _ in range(2):
        provision(user, project, document(table("notes", column("a"))), confirm_destructive=True)
        provision(user, project, full)
        assert tables(project, user) == first


def test_a_required_column_with_a_default_fills_what_is_empty(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("b"))))
    rows(project, user, "insert into notes (a) values ('1')")
    changed = document(
        table("notes", column("a"), column("b", required=True, default="none"), column("c", "boolean", default=True))
    )
    provision(user, project, changed)
    assert rows(project, user, "select b, c from notes") == [("none", True)]
    with pytest.raises(Exception, match="null value"):
        rows(project, user, "insert into notes (b) values (null)")


def test_a_required_column_without_a_default_needs_values_first(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    rows(project, user, "insert into notes (a) values (null)")
    changed = document(table("notes", column("a", required=True)))
    with pytest.raises(Conflict) as caught:
        submit(user, project, changed)
    assert caught.value.code == "rows_do_not_fit"
    (error,) = caught.value.errors
    assert (error["code"], error["count"]) == ("required_may_fail", 1)
    assert "default" in error["fix"]
    rows(project, user, "update notes set a = 'x'")
    provision(user, project, changed)
    provision(user, project, document(table("notes", column("a"))))
    assert rows(project, user, "insert into notes (a) values (null) returning a") == [(None,)]


def test_options_and_lengths_change(user: User, project: Project) -> None:
    def version(length: int, *options: str) -> dict[str, Any]:
        state = column("state", "select", options=[{"value": option} for option in options])
        return document(table("notes", column("a", max_length=length), state))

    provision(user, project, version(3, "open", "done"))
    rows(project, user, "insert into notes (a, state) values ('abc', 'done')")
    provision(user, project, version(5, "open", "done", "late"))
    rows(project, user, "update notes set a = 'abcde', state = 'late'")
    for narrower in (version(5, "open", "done"), version(4, "open", "done", "late")):
        with pytest.raises(Conflict) as caught:
            submit(user, project, narrower)
        assert [(error["code"], error["count"]) for error in caught.value.errors] == [("check_may_fail", 1)]
    rows(project, user, "update notes set a = 'abc', state = 'done'")
    provision(user, project, version(4, "open", "done"))


def test_numbers_widen_in_place_and_narrow_into_a_new_column(user: User, project: Project) -> None:
    def version(precision: int, scale: int) -> dict[str, Any]:
        return document(table("notes", column("n", "decimal", precision=precision, scale=scale)))

    provision(user, project, version(6, 2))
    rows(project, user, "insert into notes (n) values (1234.56)")
    provision(user, project, version(9, 3))
    assert rows(project, user, "select n from notes") == [(Decimal("1234.560"),)]
    assert hidden_columns(project, user) == []
    rows(project, user, "insert into notes (n) values (0.125)")
    with pytest.raises(Conflict) as caught:
        submit(user, project, version(6, 2))
    assert [(error["code"], error["count"]) for error in caught.value.errors] == [("loses_values", 1)]
    provision(user, project, version(6, 2), confirm_destructive=True)
    assert hidden_columns(project, user) == ["_x_3_c_n"]
    assert rows(project, user, "select n from notes order by n") == [(Decimal("0.13"),), (Decimal("1234.56"),)]


def hidden_columns(project: Project, user: User) -> list[str]:
    found = query(
        project,
        user.pk,
        "owner",
        "select attname from pg_attribute where attrelid = 'notes'::regclass and attname like %s order by 1",
        r"\_x\_%",
    )
    return [name for (name,) in found]


def test_a_type_to_which_no_value_goes_is_refused(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a", "date"))))
    with pytest.raises(InvalidSchema) as caught:
        submit(user, project, document(table("notes", column("a", "boolean"))))
    assert (caught.value.status, caught.value.code) == (422, "change_not_supported")
    (error,) = caught.value.errors
    assert (error["code"], error["path"]) == ("change_not_supported", "$.tables[0].columns[0].type")
    assert "'a' of 'notes' cannot change from date" in error["detail"]


def test_on_delete_follows_the_document(user: User, project: Project) -> None:
    def version(on_delete: str) -> dict[str, Any]:
        return document(
            table("tags", column("name")),
            table("notes", column("a")),
            links=(link("notes", "tag_id", "tags", on_delete=on_delete),),
        )

    provision(user, project, version("restrict"))
    ((tag,),) = rows(project, user, "insert into tags (name) values ('T') returning id")
    rows(project, user, "insert into notes (a, tag_id) values ('1', %s)", tag)
    with pytest.raises(Exception, match="violates"):
        rows(project, user, "delete from tags")
    provision(user, project, version("set_null"))
    rows(project, user, "delete from tags")
    assert rows(project, user, "select a, tag_id from notes") == [("1", None)]
    ((tag,),) = rows(project, user, "insert into tags (name) values ('T') returning id")
    rows(project, user, "update notes set tag_id = %s", tag)
    provision(user, project, version("cascade"))
    rows(project, user, "delete from tags")
    assert rows(project, user, "select count(*) from notes") == [(0,)]


def test_hints_make_a_patch_and_touch_no_table(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    before = tables(project, user)
    result = provision(user, project, document(table("notes", column("a", label="Text", help_text="Anything"))))
    assert (result["version"], result["tables_changed"]) == ("1.0.1", ["notes"])
    assert tables(project, user) == before


def test_a_changed_project_is_like_one_made_at_once(user: User, project: Project) -> None:
    for case in CASES:
        before, after = (json.loads((GOLDEN / case / f"{name}.json").read_text()) for name in ("before", "after"))
        changed, fresh = ProjectFactory(owner=user), ProjectFactory(owner=user)
        if before:
            provision(user, changed, before)
        provision(user, changed, after, confirm_destructive=True)
        provision(user, fresh, with_ids_of(user, changed))
        assert tables(changed, user) == tables(fresh, user), case


def with_ids_of(user: User, project: Project) -> Any:
    """The active document of the project: the same tables with the ids that they have there."""
    config = reload(user, project).active_config
    assert config is not None
    return config.document
