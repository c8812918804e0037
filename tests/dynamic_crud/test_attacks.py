"""Attacks on what belongs to others: an id of theirs is answered like one that nobody has, to the byte.

Each attack is made twice, with what the victim has and with what was invented. Whatever differs, the status, a number,
a word of an error, would tell that the thing exists. Timing is not measured: the same statements run for both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID, uuid4

import psycopg
import pytest
from django.http import QueryDict
from django.test import Client
from rest_framework.test import APIClient

from core import sql
from core.errors import Problem
from core.models import User
from dynamic_crud.aggregate_rows import answer
from dynamic_crud.aggregates import AggregateQuery
from dynamic_crud.edits import Change, update_many, update_matching
from dynamic_crud.filters import filter_names
from dynamic_crud.listing import WHOLE, ListQuery
from dynamic_crud.runtime import get_runtime
from dynamic_crud.written import Wanted
from tests.conftest import client_of
from tests.dynamic_crud import documents
from tests.dynamic_crud.conftest import RecordsClient, as_member, change_row, page_of, provisioned
from tests.factories import share

SECRET = "Xanadu Holdings"
TOKENS = re.compile(rb'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]+"')


@dataclass(frozen=True)
class Belongings:
    """What somebody has, by what attacks name it."""

    project: str
    record: str
    company: str
    user: str
    file: str
    secret: str

    def all(self) -> list[str]:
        return [
            self.project,
            self.record,
            self.company,
            self.user,
            self.file,
            self.secret,
            quote(self.secret),
            quote_plus(self.secret),
            quote(quote_plus(self.secret)),  # in an address that has the list's own in a parameter
        ]


@dataclass(frozen=True)
class Attack:
    """One request, with places for what it is about."""

    method: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    form: bool = False

    def made_with(self, things: Belongings, home: str) -> tuple[str, str, Any]:
        def filled(text: str) -> str:
            for name in ("project", "record", "company", "user", "file"):
                text = text.replace(f"<{name}>", getattr(things, name))
            return text.replace("<home>", home).replace("<secret>", things.secret)

        url = filled(self.path.replace("<secret>", quote(things.secret)))
        return self.method, url, None if self.body is None else json.loads(filled(json.dumps(self.body)))


def invented() -> Belongings:
    return Belongings(*(str(uuid4()) for _ in range(5)), secret="Yggdrasil Trust")  # type: ignore[misc]


@pytest.fixture
def victim(things: RecordsClient, folder: Any) -> Belongings:
    """A record of `user` that has all that there is to find."""
    company = things.made("companies", name=SECRET)
    file = things.uploaded(column="a_attachment", table="things")
    record = things.made(
        "things", name=SECRET, a_text=SECRET, a_email="x@xanadu.example", company_id=company["id"],
        a_many_to_many=[company["id"]], a_user=str(things.project.owner_id), a_attachment=[file],
    )  # fmt: skip
    owner = str(things.project.owner_id)
    return Belongings(str(things.project.pk), record["id"], company["id"], owner, file["id"], SECRET)


@pytest.fixture
def attacker(other_user: User) -> RecordsClient:
    """Somebody else, who has the same tables and a record of their own."""
    records = RecordsClient(client_of(other_user), provisioned(other_user, documents.every_type()))
    records.made("things", name="Own")
    return records


def on_the_api(base: str) -> Iterator[Attack]:
    """At a project's address: the victim's, or the attacker's own with the victim's ids."""
    rows, one = f"{base}/tables/things/records", f"{base}/tables/things/records/<record>"
    filters = [
        "id=<record>", "id__in=<record>", "id__in=<record>,<company>", "user_id=<user>", "user_id__in=<user>",
        "company_id=<company>", "company_id__in=<company>,<record>", "a_many_to_many=<company>",
        "a_many_to_many__in=<company>", "a_user=<user>", "a_user__in=<user>,me", "name=<secret>", "a_text=<secret>",
        "name__icontains=<secret>", "name__istartswith=<secret>", "search=<secret>", "a_email=x@xanadu.example",
        "a_text__icontains=<secret>", "a_uuid=<record>", "a_uuid__in=<record>",
    ]  # fmt: skip
    shapes = [
        "", "&count=none", "&ordering=company_id,-name", "&expand=company_id,a_many_to_many,a_user",
        "&fields=id,company_id", "&aggregate=count(),count_distinct(company_id),max(created_at)",
        "&aggregate=count()&group_by=company_id&expand=company_id", "&page=2", "&aggregate=count()&group_by=user_id",
    ]  # fmt: skip
    for number, found in enumerate(filters):
        yield from (Attack("get", f"{rows}?{found}{shape}") for shape in shapes[number % 3 :: 3])
    for found in filters:
        yield Attack("delete", f"{rows}?{found}&expected=1")
        yield Attack("patch", f"{rows}?{found}&expected=1", {"values": {"name": "Taken"}})
    for headers in ((), (("If-Match", "*"),), (("If-None-Match", "*"),), (("If-Match", '"0-0"'),)):
        yield Attack("get", one, headers=headers)
        yield Attack("get", f"{one}?expand=company_id&fields=company_id", headers=headers)
        yield Attack("patch", one, {"name": "Taken"}, headers)
        yield Attack("put", one, {"name": "Taken"}, headers)
        yield Attack("delete", one, headers=headers)
    yield Attack("get", f"{one}/files/<file>")
    values: list[dict[str, Any]] = [
        {"company_id": "<company>"}, {"a_many_to_many": ["<company>"]}, {"a_user": "<user>"},
        {"a_attachment": ["<file>"]}, {"a_attachment": [{"id": "<file>", "name": "x", "size": 1}]},
    ]  # fmt: skip
    for given in values:
        yield Attack("post", rows, {"name": "Own", **given})
        yield Attack("post", rows, [{"name": "Own"}, {"name": "Own", **given}])
        yield Attack("patch", f"{base}/tables/things/records/<home>", given)
        yield Attack("patch", rows, [{"id": "<home>", **given}])
        yield Attack("patch", rows, {"ids": ["<home>"], "values": given})
        yield Attack("patch", f"{rows}?name=Own&expected=1", {"values": given})
    for ids in (["<record>"], ["<home>", "<record>"], ["<company>", "<record>"]):
        yield Attack("patch", rows, {"ids": ids, "values": {"name": "Taken"}})
        yield Attack("patch", rows, [{"id": pk, "name": "Taken"} for pk in ids])
        yield Attack("delete", rows, {"ids": ids})
    for path in ("/schema", "", "/versions", "/drafts/current"):
        yield Attack("get", f"{base}{path}") if base.endswith("<project>") else Attack("get", one)


def on_pages(base: str) -> Iterator[Attack]:
    """The same by the browser."""
    rows = f"{base}/data/things/"
    for found in (
        "id=<record>",
        "company_id=<company>",
        "a_many_to_many=<company>",
        "a_user=<user>",
        "search=<secret>",
    ):
        yield Attack("get", f"{rows}?{found}")
        yield Attack("get", f"{rows}?{found}&format=csv")
        yield Attack("get", f"{rows}?{found}&ordering=company_id")
    yield from (Attack("get", f"{rows}<record>/{page}") for page in ("", "edit/", "delete/", "files/<file>/"))
    yield from (Attack("post", f"{rows}<record>/{page}", {"name": "Taken"}, form=True) for page in ("edit/", "delete/"))
    yield from (Attack("get", f"{base}/data/{table}/choices/?q=<secret>") for table in ("things", "companies"))
    yield Attack("get", f"{rows}new/?company_id=<company>&a_user=<user>&a_many_to_many=<company>")
    for given in ({"company": "<company>"}, {"a_many_to_many": "<company>"}, {"a_user": "<user>"}):
        yield Attack("post", f"{rows}new/", {"name": "Own", **given}, form=True)
        yield Attack("post", f"{rows}<home>/edit/", {"name": "Own", **given}, form=True)
    yield from (
        Attack("get", f"{base}/{page}") for page in ("api/", "export/", "history/", "builder/", "record-counts/")
    )


def told(client: Any, attack: Attack, things: Belongings, home: str) -> tuple[int, str, bytes]:
    """What the answer tells, without what was asked for and what is new in every answer."""
    method, url, body = attack.made_with(things, home)
    headers = dict(attack.headers)
    if attack.form or body is None:
        response = getattr(client, method)(url, body if attack.form else None, headers=headers)
    else:
        response = client.generic(method.upper(), url, json.dumps(body), "application/json", headers=headers)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    for text in sorted(things.all(), key=len, reverse=True):
        content = content.replace(text.encode(), b"#").replace(text.replace("-", "").encode(), b"#")
    return response.status_code, response.get("ETag", ""), TOKENS.sub(b"", content)


def differences(client: Any, attacks: list[Attack], victim: Belongings, home: str) -> list[Any]:
    """The attacks that are answered in another way where there is something."""
    nothing = invented()
    found = []
    for attack in attacks:
        theirs, nobodys = told(client, attack, victim, home), told(client, attack, nothing, home)
        if theirs != nobodys or theirs[0] >= 500:
            found.append((attack, theirs[0], nobodys[0], theirs[2][:300], nobodys[2][:300]))
    return found


def test_ids_of_others_are_as_good_as_invented(
    things: RecordsClient, victim: Belongings, attacker: RecordsClient, other_user: User
) -> None:
    before = things.get("things", victim.record).json(), things.list("companies").json()
    own = attacker.list("things").json()["results"][0]
    api, pages = client_of(other_user), Client(raise_request_exception=False)
    api.raise_request_exception = False
    pages.force_login(other_user)
    at_theirs = [*on_the_api("/api/v1/projects/<project>")], [*on_pages("/projects/<project>")]
    at_mine = (
        [*on_the_api(f"/api/v1/projects/{attacker.project.pk}")],
        [*on_pages(f"/projects/{attacker.project.pk}")],
    )
    assert sum(map(len, (*at_theirs, *at_mine))) >= 350
    for attacks in (at_theirs, at_mine):
        assert differences(api, attacks[0], victim, own["id"]) == []
        assert differences(pages, attacks[1], victim, own["id"]) == []
    for client, attacks in zip((api, pages), at_theirs, strict=True):
        answers = {told(client, attack, victim, own["id"])[0] for attack in attacks}
        assert answers == {404}
    assert (things.get("things", victim.record).json(), things.list("companies").json()) == before
    assert not {row["id"] for row in attacker.list("things").json()["results"]} - {own["id"]}


def test_private_rows_of_another_member_are_as_good_as_invented(
    things: RecordsClient, victim: Belongings, other_user: User
) -> None:
    """Two people in one project: the door shows each of them their own rows of a private table."""
    mine = as_member(other_user, things.project, "things")
    (own,) = mine.create([{"name": "Own"}], paths=["$"])
    wanted = Wanted(mine.resource, WHOLE)

    def asked(text: str) -> ListQuery:
        return ListQuery.read(mine.resource, QueryDict(text))

    def attempts(named: Belongings) -> Iterator[Any]:
        texts = [
            f"{parameter}={value}"
            for parameter in (
                "id",
                "id__in",
                "company_id",
                "company_id__in",
                "a_many_to_many",
                "search",
                "name",
                "a_text",
            )
            for value in (named.record, named.company, named.secret)
        ]
        for text in texts:
            yield lambda text=text: (len(page_of(mine, asked(text)).rows), page_of(mine, asked(text)).total)
            yield lambda text=text: mine.delete_matching(asked(text), 1)
            yield lambda text=text: update_matching(mine, asked(text), 1, {"name": "Taken"}, "$", wanted)
            for summed in ("count()", "count_distinct(company_id),max(created_at)", "count()&group_by=company_id"):
                yield lambda text=text, summed=summed: answer(
                    mine, AggregateQuery.read(mine.resource, QueryDict(f"{text}&aggregate={summed}"))
                )
        record = UUID(named.record)
        yield lambda: mine.get(record)
        yield lambda: change_row(mine, record, {"name": "Taken"})
        yield lambda: mine.delete(record)
        yield lambda: mine.delete_many([own.pk, record], paths=["$.ids[0]", "$.ids[1]"])
        yield lambda: update_many(mine, [Change(record, {"name": "Taken"}, "$[0]", "$[0].id")], wanted)
        yield lambda: mine.create([{"name": "x", "company_id": UUID(named.company)}], paths=["$"])
        yield lambda: mine.create([{"name": "x", "a_many_to_many": [UUID(named.company)]}], paths=["$"])
        yield lambda: mine.create([{"name": "x", "a_attachment": [UUID(named.file)]}], paths=["$"])

    nothing = invented()
    made = list(zip(attempts(victim), attempts(nothing), strict=True))
    assert len(made) >= 140
    wrong = []
    for number, (theirs, nobodys) in enumerate(made):
        found, expected = outcome(theirs, victim), outcome(nobodys, nothing)
        if found != expected:
            wrong.append((number, found, expected))
    assert not wrong
    assert page_of(mine).total == 1
    assert things.get("things", victim.record).json()["name"] == SECRET


def outcome(attempt: Any, named: Belongings) -> str:
    try:
        told = repr(attempt())
    except Problem as problem:
        told = json.dumps(problem.to_json())
    for text in sorted(named.all(), key=len, reverse=True):
        told = told.replace(text, "#")
    return told


def test_members_reach_nothing_private_by_api_or_pages(
    things: RecordsClient, victim: Belongings, other_user: User
) -> None:
    share(things.project, other_user)
    api, pages = client_of(other_user), Client(raise_request_exception=False)
    api.raise_request_exception = False
    pages.force_login(other_user)
    member = RecordsClient(api, things.project)
    own = member.made("things", name="Own")
    # Which project it is, and who else is a member, members know.
    private = replace(victim, project=str(uuid4()), user=str(uuid4()))
    base = f"projects/{things.project.pk}"
    assert differences(api, [*on_the_api(f"/api/v1/{base}")], private, own["id"]) == []
    assert differences(pages, [*on_pages(f"/{base}")], private, own["id"]) == []
    assert [row["id"] for row in member.list("things").json()["results"]] == [own["id"]]


@pytest.mark.usefixtures("victim")
def test_viewers_change_nothing_however_many(things: RecordsClient, other_user: User) -> None:
    share(things.project, other_user, "viewer")
    viewer = RecordsClient(client_of(other_user), things.project)
    for response in (
        bulk(viewer, [{"id": str(uuid4()), "name": "x"}]),
        bulk(viewer, {"ids": [str(uuid4())], "values": {"name": "x"}}),
        viewer.client.delete(f"{viewer.url('things')}?expected=1"), viewer.delete("things", str(uuid4())),
    ):  # fmt: skip
        assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert viewer.list("things", aggregate="count()").json()["results"] == [{"count()": 0}]


# SQL injection

INJECTIONS = (
    "' or '1'='1", "'; update things set name = 'Taken'; --", "x'); delete from things; --", "1; drop table things",
    "\\'; delete from companies; --", "$$; delete from things; $$", "%' or 1=1 --", "name\"; delete from things; --",
    "id) or (1=1", "1/**/union/**/select/**/current_user", "${jndi}", "%(x)s", "{0}", "\u02bc or 1=1 --",
    "(select pg_read_file('/etc/passwd'))", "name,(select 1)", "-name; delete from things",
)  # fmt: skip


def test_sql_in_any_parameter_is_refused_or_a_mere_text(
    things: RecordsClient, victim: Belongings, superuser: psycopg.Connection
) -> None:
    things.client.raise_request_exception = False
    before = contents(superuser, things.project.schema_name)
    names = [*filter_names(get_runtime(things.project).resource("things")), "search"]
    odd = []
    for number, name in enumerate(names):
        for text in INJECTIONS[number % 7 :: 7]:
            response = things.list("things", **{name: text})
            found = response.json().get("results", [])
            if response.status_code not in (200, 400) or found:
                odd.append((name, text, response.status_code, len(found)))
    language = (
        "ordering",
        "expand",
        "fields",
        "aggregate",
        "group_by",
        "having",
        "limit",
        "page",
        "page_size",
        "count",
    )
    for number, name in enumerate(language):
        for text in INJECTIONS[number % 2 :: 2]:
            given = {name: text} | ({"aggregate": "count()"} if name in ("group_by", "having", "limit") else {})
            response = things.list("things", **given)
            if response.status_code != 400:
                odd.append((name, text, response.status_code))
    for text in INJECTIONS:
        for response in (
            things.client.get(f"/api/v1/projects/{things.project.pk}/tables/{quote(text, safe='')}/records"),
            things.client.get(f"{things.url('things')}/{quote(text, safe='')}"),
            things.client.get(things.url("things", victim.record), headers={"If-Match": quote(text, safe=" '();,")}),
            things.create("things", {text: "x", "name": "x"}), things.change("things", victim.record, {text: 1}),
            things.client.get(things.url("things"), {text: "x"}),
            things.create("things", [{"name": "x", "a_uuid": text}]),
            bulk(things, [{"id": text, "name": "x"}]), bulk(things, {"ids": [text], "values": {"name": "x"}}),
            bulk(things, {"ids": [victim.record], "values": {text: "x"}}),
        ):  # fmt: skip
            odd += [] if response.status_code in (400, 404) else [(text, response.status_code, response.content[:200])]
    assert not odd
    assert contents(superuser, things.project.schema_name) == before
    for text in INJECTIONS:
        assert things.change("things", victim.record, {"name": text, "a_json": {text: text}}).json()["name"] == text
    assert len(contents(superuser, things.project.schema_name)) == len(before)


def bulk(things: RecordsClient, body: Any) -> Any:
    client: APIClient = things.client
    return client.patch(things.url("things"), json.dumps(body), content_type="application/json")


def contents(superuser: psycopg.Connection, schema: str) -> dict[str, str]:
    """Every table of a project with all that is in it."""
    tables = superuser.execute("select tablename from pg_tables where schemaname = %s order by 1", [schema]).fetchall()
    query = "select coalesce(string_agg(t::text, '|' order by t::text), '') from {table} t"
    return {
        name: superuser.execute(sql.format(query, table=sql.existing(schema, name))).fetchone()[0]  # type: ignore[index]
        for (name,) in tables
    }
