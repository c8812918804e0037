"""Provisioning against itself: what a change makes of a project is what provisioning the result at once makes.

Each seed is a case of its own: versions of a random document, applied one after the other without a worker, in a
transaction of which nothing stays. After every version the catalog is compared with that of a fresh project, all rows
with a model in Python, and what the plan said about rows that do not fit with what happens.

`FUZZ_CASES` says how many cases there are and `FUZZ_START` with which seed they begin, so that
`make fuzz FUZZ_START=17 FUZZ_CASES=1` is the case of seed 17 again.
"""

from __future__ import annotations

import logging
import os
from typing import Final

import psycopg
import pytest

from core.models import Project, User
from provisioning import project_database
from tests.provisioning.differential import cases
from tests.provisioning.differential.mutations import KINDS
from tests.sessions import begin_new_session

logger = logging.getLogger(__name__)

CASES: Final = int(os.environ.get("FUZZ_CASES", "1500"))
START: Final = int(os.environ.get("FUZZ_START", "0"))
PART: Final = 250
"""How many cases a test runs: parts run beside each other."""
FRESH: Final = 100
"""After how many cases the session of PostgreSQL is a new one."""
LEAST: Final = 30
"""How often each kind of change occurs in 1,500 cases, at the least."""
SHOWN: Final = 3

REGRESSIONS: Final = (60, 874, 5200, 40160, 701041, 703999, 704013, 905359, 918359)
"""Seeds of cases that failed once; what they found stands in test_found.py."""


@pytest.fixture
def empty(user: User, project: Project) -> Project:
    """A project with its place in PostgreSQL, and nothing in it."""
    project_database.ensure(project, user.pk)
    return project


@pytest.mark.parametrize("first", range(START, START + CASES, PART))
def test_every_change_makes_what_provisioning_at_once_makes(
    user: User, empty: Project, first: int, superuser: psycopg.Connection
) -> None:
    superuser.execute("vacuum")  # the catalog is full of what the part before rolled back
    tally, failures = cases.Tally(), []
    seeds = range(first, min(first + PART, START + CASES))
    for seed in seeds:
        if seed % FRESH == 0:
            begin_new_session()
        try:
            cases.run(empty, user, seed, tally)
        except Exception as error:  # noqa: BLE001 (whatever it is, the seed has to be told)
            again = f"make fuzz FUZZ_START={seed} FUZZ_CASES=1"
            failures.append(f"Seed {seed}; again: {again}\n{type(error).__name__}: {error}")
    logger.info("%d cases, %d versions, refused as told: %s", tally.cases, tally.applied, dict(tally.refused))
    assert not failures, f"{len(failures)} of {len(seeds)} cases fail:\n\n" + "\n\n".join(failures[:SHOWN])
    if (START, CASES) == (0, 1_500):
        rare = {kind: tally.kinds[kind] for kind in KINDS if tally.kinds[kind] < LEAST * PART // 1_500}
        assert not rare, f"These kinds of change are too rare: {rare}"


@pytest.mark.parametrize("seed", REGRESSIONS)
def test_what_failed_once_holds(user: User, empty: Project, seed: int) -> None:
    cases.run(empty, user, seed, cases.Tally())
