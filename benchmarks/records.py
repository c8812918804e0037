"""Records over HTTP against the floor: the same SQL by psycopg, prepared, in a transaction, without row-level security.

Peers are PostGraphile 5.1, Directus 12.4 and a bare Django view with the ORM, measured in November 2026 on the same
data without per-row isolation, each as a multiple of the floor of its own run.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from rest_framework_simplejwt.tokens import AccessToken

from benchmarks import leak
from benchmarks.client import Client
from benchmarks.crm import Crm, make_crm
from benchmarks.load import Requests, Statement, rate
from benchmarks.web import Web, web_server
from vibecrm import embedded

ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "100"))
SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "4"))

_NEWEST: Final = "select * from deals order by created_at desc, id desc limit 50"
_LATER: Final = "select * from deals order by created_at desc, id desc limit 50 offset {offset}"
_FILTERED: Final = """
select deals.*, companies.name from deals left join companies on companies.id = deals.company_id
where stage = %s and amount >= %s order by amount desc, deals.id desc limit 50
"""
_SEARCHED: Final = """
select * from contacts where full_name ilike %s or email ilike %s or phone ilike %s or notes ilike %s
order by created_at desc, id desc limit 50
"""
_INSERT: Final = """
insert into deals (name, amount, stage, user_id, company_id) values ('New', 12.5, 'lead', %s, %s) returning *
"""


@dataclass(frozen=True)
class Line:
    """One line of the report.

    Args:
        name: what was done.
        floor: of the floor, in `unit`.
        ours: the same of the product.
        ratio: what is compared with the limit.
        limit: the most that the ratio may be; None where there is none.
        peers: what others need for it.
        unit: of both figures.
    """

    name: str
    floor: float | None
    ours: float
    ratio: float
    limit: float | None
    peers: str = ""
    unit: str = "ms"

    def __str__(self) -> str:
        floor = "" if self.floor is None else f"{self.floor:,.2f}"
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        verdict = "" if self.limit is None else "ok" if self.ratio <= self.limit else "MORE"
        figures = f"{floor:>10}{self.ours:>11,.2f} {self.unit:6}{self.ratio:>8.2f}{limit:>7} {verdict:5}"
        return f"{self.name:44}{figures}{self.peers}"


HEADER: Final = f"{'':44}{'floor':>10}{'ours':>11} {'':6}{'ratio':>8}{'limit':>7}       PostGraphile, Directus, Django"


def report() -> Iterator[Line]:
    """Measures everything; the data are made first."""
    crm = make_crm()
    with psycopg.connect(_superuser_url(), autocommit=True) as operator:
        _settle(operator, crm)
    with web_server() as web:
        bench = Bench(crm, web)
        yield from bench.singles()
        yield from bench.page_of_a_browser()
        yield Line("memory of the web process", None, web.memory_mb(), web.memory_mb(), 160, unit="MB")
    with web_server(os.cpu_count() or 1) as web:
        yield from Bench(crm, web).crowds()
    before, after = leak.memory_before_and_after()
    name = f"memory after {leak.REQUESTS:,} requests, {leak.PROJECTS} projects"
    yield Line(name, before, after, after / before, 1.1, unit="MB")


class Bench:
    """The measurements on a running server."""

    def __init__(self, crm: Crm, web: Web) -> None:
        self.crm = crm
        self.web = web
        self.token = str(AccessToken.for_user(crm.user))
        self.client = Client(web.port, Authorization=f"Bearer {self.token}")
        self.floor = psycopg.connect(_superuser_url())
        self.floor.execute("select set_config('search_path', %s, false)", [crm.project.schema_name])
        self.floor.commit()
        self.newest: list[UUID] = [row[0] for row in self.sql(_NEWEST)]
        self.company = self.sql("select id from companies limit 1")[0][0]

    def address(self, table: str, rest: str = "") -> str:
        """The path of a table's records in the API."""
        return f"/api/v1/projects/{self.crm.project.pk}/tables/{table}/records{rest}"

    def sql(self, text: str, *values: Any) -> list[Any]:
        """The floor: one prepared statement in a transaction."""
        rows = self.floor.cursor(binary=True).execute(text, values, prepare=True).fetchall()
        self.floor.commit()
        return rows

    def read(self, table: str, rest: str = "") -> bytes:
        """What the API answers."""
        return self.client.get(self.address(table, rest))

    def singles(self) -> Iterator[Line]:
        """One caller."""
        page = min(2_000, self.crm.rows("deals") // 50)
        later = _LATER.format(offset=(page - 1) * 50)
        yield self.line("list 50, exact count", 2, "1.3, 2.0, 1.4", self.counted, lambda: self.read("deals"))
        plain = lambda: self.read("deals", "?count=none")  # noqa: E731
        yield self.line("list 50", 5, "5.7, 26, 9.7", lambda: self.sql(_NEWEST), plain)
        by_number = lambda: self.read("deals", f"?count=none&page={page}")  # noqa: E731
        yield self.line(f"page {page:,} by number", 1.5, "6.9, 1.6, 1.2", lambda: self.sql(later), by_number)
        yield self.line(
            f"page {page:,} by cursor, to the first page",
            1.3,
            "",
            lambda: self.read("deals", "?count=none&cursor="),
            self.far_away(later),
        )
        yield self.line(
            "filter + sort + relation label",
            6,
            "4.1, 12.5, 7.3",
            lambda: self.sql(_FILTERED, "won", 100),
            lambda: self.read("deals", "?count=none&stage=won&amount__gte=100&ordering=-amount&expand=company_id"),
        )
        # The scan for a word of many records ends early: it goes through the index that lists have, and finds 50.
        for word, times, limit in (("person4321", 11, 0.2), ("family77", 2_207, None)):
            yield self.line(
                f"search by prefix of {times:,} words, to the scan",
                limit,
                "1.0, 0.9, 0.8",
                lambda word=word: self.sql(_SEARCHED, *[f"%{word}%"] * 4),
                lambda word=word: self.read("contacts", f"?count=none&search={word}"),
                ROUNDS // 5,
            )
        one, found = "select * from deals where id = %s", self.newest[7]
        yield self.line(
            "get one", 6, "4.4, 25, 11", lambda: self.sql(one, found), lambda: self.read("deals", f"/{found}")
        )
        yield from self.writes()

    def counted(self) -> None:
        """The floor of a list with its count."""
        self.sql("select count(*) from deals")
        self.sql(_NEWEST)

    def far_away(self, later: str) -> Callable[[], object]:
        """Reads a page that is far from the start, from a cursor on."""
        from dynamic_crud.cursors import Cursor
        from dynamic_crud.ordering import order_terms
        from dynamic_crud.runtime import get_runtime

        row = self.sql(later.replace("select *", "select created_at::text, id::text"))[0]
        terms = order_terms(get_runtime(self.crm.project).resource("deals"), ())
        cursor = Cursor(tuple(row)).encode(terms)
        return lambda: self.read("deals", f"?count=none&cursor={cursor}")

    def writes(self) -> Iterator[Line]:
        """Creating and changing."""
        values = {"name": "New", "amount": "12.5", "stage": "lead", "company_id": str(self.company)}
        create = lambda: self.client.send("POST", self.address("deals"), values, 201)  # noqa: E731
        inserted = lambda: self.sql(_INSERT, self.crm.user.pk, self.company)  # noqa: E731
        yield self.line("create", 3.5, "2.2, 18, 4.1", inserted, create)
        changed = "update deals set amount = %s, updated_at = now() where id = %s returning *"
        first, second = self.newest[:2]
        path = self.address("deals", f"/{second}")
        yield self.line(
            "update",
            4.5,
            "2.3, 23, 6.6",
            lambda: self.sql(changed, time.time_ns() % 10**9, first),
            lambda: self.client.send("PATCH", path, {"amount": str(time.time_ns() % 10**9)}, 200),
        )
        rows = [values] * 1000
        many = lambda: self.client.send("POST", self.address("deals"), rows, 201)  # noqa: E731
        floor, ours = _interleaved(self.insert_many, many, 5)
        yield Line("bulk create of 1,000", 1e6 / floor, 1e6 / ours, ours / floor, 3, "32, 83, 6", "rows/s")

    def insert_many(self) -> None:
        """The floor of a bulk create."""
        values = [(uuid4(), "New", 12.5, "lead", self.crm.user.pk, self.company)] * 1000
        copied = [(uuid4(), *row[1:]) for row in values]
        into = "copy deals (id, name, amount, stage, user_id, company_id) from stdin"
        with self.floor.cursor() as cursor:
            with cursor.copy(into) as copy:
                for row in copied:
                    copy.write_row(row)
            cursor.execute("select * from deals where id = any(%s)", [[row[0] for row in copied]])
            cursor.fetchall()
        self.floor.commit()

    def page_of_a_browser(self) -> Iterator[Line]:
        """The list page as HTML."""
        browser = Browser()
        browser.force_login(self.crm.user)
        cookie = f"sessionid={browser.cookies['sessionid'].value}"
        client = Client(self.web.port, Cookie=cookie)
        path = reverse("record-list", args=[self.crm.project.pk, "deals"])
        _, ours = _interleaved(lambda: None, lambda: client.get(path), ROUNDS // 3)
        yield Line("list page of 50 as HTML", None, ours, ours, 40)
        client.close()

    def crowds(self) -> Iterator[Line]:
        """Eight callers at once."""
        schema, one = self.crm.project.schema_name, self.newest[7]
        works = {
            "list 50, 8 callers": (Statement(_superuser_url(), schema, _NEWEST), "?count=none", "4.5, 25, 16"),
            "get one, 8 callers": (
                Statement(_superuser_url(), schema, "select * from deals where id = %s", (one,)),
                f"/{one}",
                "4.3, 43, 16",
            ),
        }
        for name, (statement, rest, peers) in works.items():
            requests = Requests(self.web.port, self.token, self.address("deals", rest))
            rate(requests, seconds=1)  # every process opens the connections that it needs
            pairs = [(rate(statement, seconds=SECONDS), rate(requests, seconds=SECONDS)) for _ in range(3)]
            floor, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
            yield Line(name, floor, ours, floor / ours, 5, peers, "req/s")

    def line(
        self,
        name: str,
        limit: float | None,
        peers: str,
        floor: Callable[[], object],
        ours: Callable[[], object],
        rounds: int = ROUNDS,
    ) -> Line:
        """Compares by medians."""
        low, high = _interleaved(floor, ours, rounds)
        return Line(name, low, high, high / low, limit, peers)


def _interleaved(floor: Callable[[], object], ours: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The medians in milliseconds of both, done in turn: a busy machine slows them alike."""
    for _ in range(min(rounds, 10)):
        floor()
        ours()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, work in zip(times, (floor, ours), strict=True):
            begin = time.perf_counter()
            work()
            side.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def _settle(operator: psycopg.Connection[Any], crm: Crm) -> None:
    """What autovacuum does after a while."""
    operator.execute("select set_config('search_path', %s, false)", [crm.project.schema_name])
    operator.execute("vacuum analyze")


def _superuser_url() -> str:
    return embedded.Home.open(settings.HOME).superuser_url()
