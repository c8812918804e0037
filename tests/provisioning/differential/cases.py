"""A case: versions of a document one after the other, with writes between them, and all that has to hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final

from core.models import Project, User
from schemas.document import Schema
from tests.provisioning.differential.documents import generated
from tests.provisioning.differential.mutations import KINDS, mutated
from tests.provisioning.differential.stage import Refused, Stage, opened

_LOSES_FIRST: Final = {
    "bring_back_table": ("drop_table", "drop_table", "drop_table_that_others_point_to"),
    "bring_back_column": ("drop_column", "drop_relation", "drop_number"),
}
"""Kinds that bring back, and the kinds of which one takes something away beforehand."""
_CHAIN: Final = 10


@dataclass
class Tally:
    """What cases did.

    Args:
        kinds: how often each kind of change was applied.
        refused: how often a version was refused as told, by the reason.
        applied: how many versions were applied.
        cases: how many cases ran.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    applied: int = 0
    cases: int = 0


def run(project: Project, user: User, seed: int, tally: Tally) -> None:
    """The case of a seed: one in forty is a chain."""
    way = chain if seed % 40 == 39 else there_and_back
    way(project, user, Random(seed), seed, tally)  # noqa: S311 (chance that can be had again)
    tally.cases += 1


def there_and_back(project: Project, user: User, random: Random, turn: int, tally: Tally) -> None:
    """From A to B, back to A, and now and then to B again, or to what was before A.

    Args:
        project: an empty project.
        user: its owner.
        random: where chance comes from.
        turn: which kind of change has to be there.
        tally: what happened is written there.
    """
    first, second, kinds, history = _pair(random, list(KINDS)[turn % len(KINDS)])
    writes = random.random() < 0.7
    most, share_empty = random.choice([(0, 0.0), (3, 0.9), (3, 0.3), (4, 0.1), (4, 0.3)])
    with opened(project, user, random) as stage:
        for version in (*history, first):
            if not _apply(stage, version, tally):
                return
            stage.write(most, share_empty)
        rows = stage.dump()
        if _apply(stage, second, tally):
            tally.kinds.update(kinds)
            if writes:
                stage.write(most, share_empty)
            if _apply(stage, first, tally, rolling_back=True):
                assert writes or stage.dump() == rows, "Other rows than before"
                if history or random.random() < 0.3:
                    stage.write(most, share_empty)
                    _apply(stage, random.choice([second, *history]), tally, rolling_back=True)
        stage.probe()
        stage.check_catalogs()


def _pair(random: Random, forced: str) -> tuple[Schema, Schema, list[str], list[Schema]]:
    """Two versions with a change of a kind between them, and the version before them, where the kind needs one."""
    while True:
        start = generated(random)
        history = []
        if forced in _LOSES_FIRST:
            lost = mutated(random, start, [random.choice(_LOSES_FIRST[forced])])
            if lost is None:
                continue
            history, start = [start], lost[0]
        others = random.choices([*KINDS, *_LOSES_FIRST], k=random.choice([0, 0, 1, 2, 4]))
        found = mutated(random, start, [forced, *others], history)
        if found is not None:
            return start, found[0], found[1], history


def chain(project: Project, user: User, random: Random, turn: int, tally: Tally) -> None:
    """Ten versions, of which some are earlier ones again, with writes in between. Arguments as `there_and_back`."""
    kinds = list(KINDS)
    with opened(project, user, random) as stage:
        stage.apply(generated(random))
        for _ in range(_CHAIN - 1):
            assert stage.active is not None
            stage.write(random.choice([0, 2, 3]), random.choice([0.2, 0.6]))
            history = list(stage.versions.values())
            if len(history) > 1 and random.random() < 0.4:
                _apply(stage, random.choice(history[:-1]), tally, rolling_back=True)
                continue
            forced = random.choice([kinds[turn % len(kinds)], *_LOSES_FIRST])
            others = random.choices(kinds, k=random.randint(1, 5))
            found = mutated(random, stage.active, [forced, *others], history)
            found = found or mutated(random, stage.active, others, history)
            if found is not None and _apply(stage, found[0], tally):
                tally.kinds.update(found[1])
        stage.probe()
        stage.check_catalogs()


def _apply(stage: Stage, schema: Schema, tally: Tally, *, rolling_back: bool = False) -> bool:
    try:
        stage.apply(schema, rolling_back=rolling_back)
    except Refused as refused:
        tally.refused[refused.code] += 1
        return False
    tally.applied += 1
    tally.refused.update(stage.refusals)
    stage.refusals.clear()
    return True
