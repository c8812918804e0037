"""Several statements in one round trip, and the connections that they run on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, cast

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg.pq import PipelineStatus, TransactionStatus

from core.models import User
from core.pipelines import MOST_PREPARED, Question, ask
from core.postgresql.base import DatabaseWrapper
from vibecrm import embedded


@pytest.fixture
def line(django_db_setup: None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(embedded.Home.open(settings.HOME).database_url, autocommit=True) as made:
        yield made


def asked(line: psycopg.Connection[Any], *questions: Question) -> list[Any]:
    outcome = ask(line, questions)
    assert outcome.error is None
    assert line.info.transaction_status is TransactionStatus.IDLE
    return outcome.rows


def test_each_statement_has_its_rows(line: psycopg.Connection[Any]) -> None:
    values = ["%s 100% \u05d0", Decimal("1.50"), None, [1, 2]]
    for _ in range(3):
        assert asked(
            line,
            Question("select 1 where false"),
            Question("select n, '%%s %%' from generate_series(1, 2) n"),
            Question("select %s::text, %s::numeric, %s::text, %s::int[]", values),
            Question("select %s", [7], prepare=False),
        ) == [[], [(1, "%s %"), (2, "%s %")], [tuple(values)], [(7,)]]


@pytest.mark.parametrize("prepare", [True, False])
@pytest.mark.parametrize("wrong", ["select 1/0", "select nothing", "select ((", "sel", "select %s::int"])
def test_what_follows_a_statement_that_fails_is_not_done(
    line: psycopg.Connection[Any], wrong: str, prepare: bool
) -> None:
    given = ["x"] if "%s" in wrong else []
    for _ in range(2):
        outcome = ask(
            line,
            [
                Question("create temp table made (n int)", prepare=False),
                Question("select 2"),
                Question(wrong, given, prepare=prepare),
                Question("select 3"),
            ],
        )
        assert isinstance(outcome.error, psycopg.Error)
        assert outcome.rows == [[], [(2,)]]
        assert line.execute("select to_regclass('made')").fetchone() == (None,)
        assert line.info.transaction_status is TransactionStatus.IDLE
        assert line.info.pipeline_status is PipelineStatus.OFF
        assert asked(line, Question("select 3")) == [[(3,)]]


def test_all_is_one_transaction(line: psycopg.Connection[Any]) -> None:
    rows = asked(
        line,
        Question("select set_config('vibecrm.batch', 'mine', true), now()::text"),
        Question("select pg_sleep(0.01)::text"),
        Question("select current_setting('vibecrm.batch'), now()::text"),
    )
    assert rows[0] == rows[2]
    assert line.execute("select current_setting('vibecrm.batch', true)").fetchone() == ("",)


def test_what_the_end_of_the_transaction_refuses_is_an_error_and_nothing_stays(
    line: psycopg.Connection[Any],
) -> None:
    line.execute("create temp table made (n int unique deferrable initially deferred)")
    for _ in range(2):
        outcome = ask(line, [Question("insert into made values (%s), (%s)", [1, 1]), Question("select 2")])
        assert isinstance(outcome.error, psycopg.errors.UniqueViolation)
        assert asked(line, Question("select count(*) from made")) == [[(0,)]]


def test_no_more_than_a_number_of_statements_stays_prepared(line: psycopg.Connection[Any]) -> None:
    for number in [*range(MOST_PREPARED + 20), 0, 1]:
        assert asked(line, Question(f"select {number}")) == [[(number,)]]
    assert line.execute("select count(*) from pg_prepared_statements").fetchone() == (MOST_PREPARED,)
    assert asked(line, *(Question(f"select {number}, 1") for number in range(MOST_PREPARED + 5)))[-1] == [
        (MOST_PREPARED + 4, 1)
    ]


def test_questions_and_answers_may_be_longer_than_what_is_sent_at_once(line: psycopg.Connection[Any]) -> None:
    text = "x" * 5_000_000
    long = Question("select %s::text", [text])
    assert asked(line, long, Question("select repeat('y', 20000000)"), long)[2] == [(text,)]


def test_a_lost_connection_is_an_error_and_is_closed(
    line: psycopg.Connection[Any], superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute("select pg_terminate_backend(%s, 5000)", [line.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        ask(line, [Question("select 1"), Question("select 2")])
    assert line.closed


def test_threads_wait_for_their_answers_at_the_same_time(django_db_setup: None) -> None:
    def wait(number: int) -> Any:
        with psycopg.connect(embedded.Home.open(settings.HOME).database_url, autocommit=True) as line:
            return asked(line, Question("select pg_sleep(0.2)::text, %s", [number]))[0][0][1]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(wait, range(4))) == [0, 1, 2, 3]


@pytest.mark.usefixtures("database")
def test_the_pool_gives_out_no_connection_that_the_server_has_closed(superuser: psycopg.Connection[Any]) -> None:
    for _ in range(3):
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        connections.close_all()
        superuser.execute("select pg_terminate_backend(%s, 5000)", [pid])
        assert User.objects.count() == 0
        assert connection.connection.info.backend_pid != pid


@pytest.mark.usefixtures("database")
def test_a_borrowed_connection_lives_and_goes_back_to_the_pool(superuser: psycopg.Connection[Any]) -> None:
    wrapper = cast(DatabaseWrapper, connection)
    connections.close_all()
    for _ in range(settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] + 1):
        with wrapper.borrowed() as borrowed:
            pid = borrowed.info.backend_pid
            assert asked(borrowed, Question("select 1")) == [[(1,)]]
        assert wrapper.connection is None
        superuser.execute("select pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.usefixtures("database")
def test_while_a_connection_is_open_it_is_the_one_that_is_borrowed() -> None:
    connection.ensure_connection()
    with cast(DatabaseWrapper, connection).borrowed() as borrowed:
        assert borrowed is connection.connection
