"""The bell that rings when a job ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from redis.exceptions import ConnectionError as RedisAway

from core import bells

LONG = 60.0
"""Longer than a test may take: who waits for so long was not woken."""


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RedisAway("nobody answers")

    monkeypatch.setattr(bells, "_redis", refuse)


@pytest.fixture
def later() -> Iterator[list[threading.Timer]]:
    timers: list[threading.Timer] = []
    yield timers
    for timer in timers:
        timer.join()


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("servers")
def test_whoever_listens_is_woken(later: list[threading.Timer]) -> None:
    job_id = uuid4()
    with bells.listening(job_id) as one, bells.listening(job_id) as other:
        later.append(threading.Timer(0.1, bells.ring, [job_id]))
        later[0].start()
        one(LONG)
        other(LONG)


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("servers")
def test_a_bell_that_rang_before_anybody_waited_is_heard() -> None:
    job_id = uuid4()
    with bells.listening(job_id) as listen:
        bells.ring(job_id)
        listen(LONG)


@pytest.mark.usefixtures("servers")
def test_nobody_is_woken_by_another_job() -> None:
    heard: list[bool] = []
    with bells.listening(uuid4()) as listen:
        bells.ring(uuid4())
        waiting = threading.Thread(target=lambda: heard.append(listen(0.3) is None))
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        waiting.join()
    assert heard


@pytest.mark.usefixtures("away")
def test_without_redis_whoever_waits_looks_for_themselves() -> None:
    bells.ring(uuid4())
    with bells.listening(uuid4()) as listen:
        listen(0.01)
