"""Going back to an earlier version: as a new one, with every row that can be there."""

from __future__ import annotations

import pytest

from core.errors import Conflict
from core.models import Project, User
from core.permissions import access_config, list_configs
from provisioning import service
from provisioning.planning import prepare_rollback
from tests.provisioning.acts import migrations, provision, query, reload, rollback, tables
from tests.provisioning.documents import column, document, link, links, table
from tests.provisioning.test_archive import everything, filled, shop

__all__ = ["filled"]


def test_every_row_and_link_is_back_after_two_more_versions(user: User, filled: Project) -> None:
    catalog, rows = tables(filled, user), everything(filled)
    provision(user, filled, shop("orders", "tags"), confirm_destructive=True)
    provision(user, filled, document(*shop("orders", "tags")["tables"], table("notes", column("body"))))
    moved = document(table("clients", column("name", label="Name"), renamed_from="customers"))
    provision(user, filled, moved, confirm_destructive=True)
    result = rollback(user, filled, "1.0.0", confirm_destructive=True)
    assert (result["migration_applied"], result["version"]) == (True, "4.0.0")
    assert tables(filled, user) == catalog
    assert everything(filled) == rows


def test_history_goes_on(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    provision(user, project, document(table("notes", column("a"), column("b"))))
    rollback(user, project, "1.0.0", confirm_destructive=True)
    first, _, last = reversed(list_configs(user, project))
    assert [last.number, last.version, last.trace] == [3, "2.0.0", None]
    assert last.content_hash == first.content_hash
    assert [row.status for row in migrations(project)] == ["applied"] * 3
    assert query(project, user.pk, "owner", "select count(*) from _ledger") == [(3,)]


def test_what_was_typed_since_is_back_on_the_way_forward(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    later = document(table("notes", column("a"), column("b")), table("tags", column("name")))
    provision(user, project, later)
    query(project, user.pk, "admin", "insert into notes (a, b) values ('1', 'typed')")
    query(project, user.pk, "admin", "insert into tags (name) values ('T')")
    rollback(user, project, "1.0.0", confirm_destructive=True)
    query(project, user.pk, "admin", "update notes set a = '2'")
    project = reload(user, project)
    told = prepare_rollback(project, access_config(user, project, "1.1.0")).returning
    assert told == (
        "tags comes back from the archive with 1 row.",
        "b of notes comes back from the archive with 1 value.",
    )
    rollback(user, project, "1.1.0")
    assert query(project, user.pk, "admin", "select a, b from notes") == [("2", "typed")]
    assert query(project, user.pk, "admin", "select name from tags") == [("T",)]


def test_what_disappears_has_to_be_confirmed(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    provision(user, project, document(table("notes", column("a"), column("b"))))
    with pytest.raises(Conflict) as caught:
        rollback(user, project, "1.0.0")
    assert caught.value.code == service.CONFIRMATION_NEEDED
    assert [error["code"] for error in caught.value.errors] == ["drops_column"]


def test_the_active_document_needs_no_job(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"))))
    project = reload(user, project)
    assert service.rollback(user, project, access_config(user, project, "1.0.0")) is None


def test_a_required_column_comes_back_optional_to_rows_that_have_no_value(user: User, project: Project) -> None:
    first = document(table("notes", column("a"), column("b", required=True), column("c", required=True, default="x")))
    provision(user, project, first)
    query(project, user.pk, "admin", "insert into notes (a, b) values ('old', 'kept')")
    provision(user, project, document(table("notes", column("a"))), confirm_destructive=True)
    query(project, user.pk, "admin", "insert into notes (a) values ('new'), ('newer')")
    project = reload(user, project)
    prepared = prepare_rollback(project, access_config(user, project, "1.0.0"))
    assert prepared.failing == ()
    (note,) = prepared.notes
    assert note == "b of notes comes back optional: 2 rows have no value that fits. Fill them, then require it again."
    rollback(user, project, "1.0.0", confirm_destructive=True)
    rows = query(project, user.pk, "admin", "select a, b, c from notes order by a")
    assert rows == [("new", None, "x"), ("newer", None, "x"), ("old", "kept", "x")]
    columns = reload(user, project).active_config.document["tables"][0]["columns"]
    assert [entry.get("required", False) for entry in columns] == [False, False, True]
    query(project, user.pk, "admin", "update notes set b = 'filled' where b is null")
    catalog_of_first = rollback(user, project, "1.0.0")
    assert catalog_of_first["migration_applied"]
    assert (
        reload(user, project).active_config.document["tables"]
        == access_config(user, project, "1.0.0").document["tables"]
    )


def test_required_links_to_deleted_records_come_back_optional_and_empty(user: User, project: Project) -> None:
    whole = document(
        table("firms", column("name")),
        table("people", column("name")),
        links=(link("people", "firm_id", "firms", required=True, on_delete="cascade"),),
    )
    provision(user, project, whole)
    query(project, user.pk, "admin", "insert into firms (name) values ('Acme')")
    query(project, user.pk, "admin", "insert into people (name, firm_id) select 'Ada', id from firms")
    provision(user, project, document(table("firms", column("name"))), confirm_destructive=True)
    query(project, user.pk, "admin", "delete from firms")
    project = reload(user, project)
    prepared = prepare_rollback(project, access_config(user, project, "1.0.0"))
    assert prepared.failing == ()
    assert "firm_id of people comes back optional: 1 row has" in prepared.notes[0]
    assert [(each.risk.code, each.count) for each in prepared.findings] == [("unlinks_rows", 1)]
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select name, firm_id from people") == [("Ada", None)]


def test_a_hundred_thousand_rows_with_children_are_back(user: User, project: Project) -> None:
    whole = document(
        table("firms", column("name", required=True), column("code", unique=True)),
        table("people", column("name")),
        links=(link("people", "firm_id", "firms", on_delete="cascade"), links("people", "visited", "firms")),
    )
    provision(user, project, whole)
    for fill in (
        "insert into firms (name, code, user_id) select i, i, gen_random_uuid() from generate_series(1, 100000) i",
        "insert into people (name, firm_id, user_id) select name, id, user_id from firms limit 20000",
        "insert into people_visited (source_id, target_id, user_id) select id, firm_id, user_id from people",
    ):
        query(project, user.pk, "owner", fill)
    digest = (
        "select count(*), count(firm_id), md5(string_agg(f.id || f.code || p.id || v.source_id, ',' order by p.id))"
        " from people p join firms f on f.id = firm_id join people_visited v on v.target_id = f.id"
    )
    catalog = tables(project, user)
    rows = query(project, user.pk, "admin", digest)
    assert rows[0][:2] == (20_000, 20_000)
    provision(user, project, document(table("people", column("name"))), confirm_destructive=True)
    provision(user, project, document(table("people", column("name"), column("city"))))
    provision(user, project, document(table("people", column("name", label="Called"), column("city"))))
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert tables(project, user) == catalog
    assert query(project, user.pk, "admin", digest) == rows
    assert query(project, user.pk, "admin", "select count(*) from firms") == [(100_000,)]


def test_what_never_was_one_column_goes_back_as_two(user: User, project: Project) -> None:
    """`tags` was a text, then gone, then links: nobody could convert one into the other."""
    provision(user, project, document(table("notes", column("tags")), table("labels", column("name"))))
    query(project, user.pk, "admin", "insert into notes (tags) values ('old')")
    plain = (table("notes", column("a")), table("labels", column("name")))
    provision(user, project, document(*plain), confirm_destructive=True)
    provision(user, project, document(*plain, links=(links("notes", "tags", "labels"),)))
    query(project, user.pk, "admin", "insert into labels (name) values ('L')")
    query(
        project,
        user.pk,
        "admin",
        "insert into notes_tags (source_id, target_id) select notes.id, labels.id from notes, labels",
    )
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select tags from notes") == [("old",)]
    rollback(user, project, "2.1.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select count(*) from notes_tags") == [(1,)]


def test_what_a_default_filled_is_empty_again_and_what_was_typed_stays(user: User, project: Project) -> None:
    provision(user, project, document(table("notes", column("a"), column("state"))))
    query(project, user.pk, "admin", "insert into notes (a) values ('filled'), ('changed'), ('stays')")
    before = query(project, user.pk, "admin", "select id, updated_at from notes order by id")
    required = column("state", required=True, default="open")
    provision(user, project, document(table("notes", column("a"), required)))
    query(project, user.pk, "admin", "update notes set state = 'done' where a = 'changed'")
    query(project, user.pk, "admin", "insert into notes (a, state) values ('typed', 'open')")
    rollback(user, project, "1.0.0")
    found = dict(query(project, user.pk, "admin", "select a, state from notes"))
    assert found == {"filled": None, "changed": "done", "stays": None, "typed": "open"}
    untouched = "select id, updated_at from notes where a in ('filled', 'stays') order by id"
    assert set(query(project, user.pk, "admin", untouched)) < set(before)


def test_a_column_that_becomes_optional_on_the_way_forward_keeps_what_its_default_filled(
    user: User, project: Project
) -> None:
    provision(user, project, document(table("notes", column("a"), column("state"))))
    query(project, user.pk, "admin", "insert into notes (a) values ('1')")
    provision(user, project, document(table("notes", column("a"), column("state", required=True, default="open"))))
    provision(user, project, document(table("notes", column("a"), column("state"), column("b"))))
    assert query(project, user.pk, "admin", "select state from notes") == [("open",)]


def test_what_is_typed_stays_though_a_default_has_filled_the_same_in_an_earlier_turn(
    user: User, project: Project
) -> None:
    provision(user, project, document(table("notes", column("a", "integer"))))
    query(project, user.pk, "admin", "insert into notes (a) values (null), (7)")
    provision(user, project, document(table("notes", column("a", "decimal", required=True, default=0))))
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select a from notes order by a") == [(7,), (None,)]
    query(project, user.pk, "admin", "update notes set a = 0 where a is null")
    rollback(user, project, "2.0.0", confirm_destructive=True)
    rollback(user, project, "1.0.0", confirm_destructive=True)
    assert query(project, user.pk, "admin", "select a from notes order by a") == [(0,), (7,)]
