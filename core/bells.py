"""A bell that rings when a job ends, so that whoever waits for it need not keep asking the database.

It goes through Redis' publish and subscribe. The job's row stays the truth: a bell that nobody hears, or that never
rings because Redis is away, costs a moment and nothing else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def ring(job_id: UUID) -> None:
    """Tells who listens that the job has ended. Call it when that is committed."""
    try:
        _redis().publish(_channel(job_id), b"")
    except RedisError as error:
        logger.warning("The end of job %s was not rung: %s", job_id, error)


@contextmanager
def listening(job_id: UUID) -> Iterator[Callable[[float], None]]:
    """Listens to a job's bell for as long as the block runs.

    What rings after the block was entered is heard, so look at the row inside it, then wait.

    Args:
        job_id: the job.

    Yields:
        A function that waits until the bell rings, or for so many seconds at the most.
    """
    try:
        subscription = _redis().pubsub(ignore_subscribe_messages=True)
        subscription.subscribe(_channel(job_id))
    except RedisError as error:
        logger.warning("The bell of job %s cannot be heard: %s", job_id, error)
        yield time.sleep
        return

    def wait(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                if subscription.get_message(timeout=left) is not None:
                    return
        except RedisError:
            time.sleep(max(deadline - time.monotonic(), 0))

    with subscription:
        yield wait


def _channel(job_id: UUID) -> str:
    return f"job:{job_id}:ended"


@cache
def _redis() -> Redis:
    """The connections of this process; a thread takes its own."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)
