"""What a plan would meet in the rows that are there: every risk is counted before anybody decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from core.tenancy import Door
from provisioning.risks import Risk
from provisioning.statements import Plan

SHOWN: Final = 5
"""How many of the rows are named."""

TITLE_LENGTH: Final = 60
"""How many characters of a row's title are shown."""

_COUNT: Final = (
    "select count(*), (array_agg(id::text))[1:{shown}], (array_agg(left(title, {length})))[1:{shown}] "
    "from ({rows}) as affected"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A risk, and the rows that it is about.

    Args:
        risk: the risk.
        count: how many rows; None for a risk that is about no rows.
        ids: the ids of some of them.
        titles: what people call these, in the same order; None where the row has no title.
    """

    risk: Risk
    count: int | None = None
    ids: tuple[str, ...] = ()
    titles: tuple[str | None, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether the plan cannot run, because rows do not fit."""
        return self.risk.severity == "data" and bool(self.count)

    @property
    def examples(self) -> tuple[str, ...]:
        """The rows that are named, by their titles, else by the start of their ids."""
        return tuple(title or f"{row_id[:8]}…" for row_id, title in zip(self.ids, self.titles, strict=True))

    @property
    def sentence(self) -> str:
        """The risk with its number of rows."""
        if self.count is None:
            return self.risk.detail
        if not self.count:
            return f"{self.risk.detail} There is nothing in it."
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        return f"{self.risk.detail} This is about {rows}."

    def to_json(self) -> dict[str, Any]:
        """The finding for the API."""
        risk = self.risk
        return {
            "code": risk.code,
            "severity": risk.severity,
            "detail": self.sentence,
            "fix": risk.fix,
            "count": self.count,
            "rows": list(self.ids),
            "titles": list(self.titles),
        }


def findings(door: Door, plan: Plan) -> tuple[Finding, ...]:
    """The risks of a plan that the rows of the project bear out.

    Args:
        door: the project, open as its owner: rows that the user cannot see count too.
        plan: the plan, for the version that is active now.
    """
    return tuple(_found(door, plan))


def _found(door: Door, plan: Plan) -> Iterator[Finding]:
    for risk in plan.risks:
        if not risk.rows:
            yield Finding(risk)
            continue
        with door.connection.cursor() as cursor:
            # The query is of our own making (provisioning/affected.py), and has a percent sign only in literals.
            cursor.execute(_COUNT.format(shown=SHOWN, length=TITLE_LENGTH, rows=risk.rows))
            count, ids, titles = cursor.fetchone()
        if count or risk.code in _ALWAYS_SAID:
            yield Finding(risk, count, tuple(ids or ()), tuple(titles or ()))


_ALWAYS_SAID: Final = ("drops_table", "drops_column", "drops_links")
"""What disappears from the application, with or without rows."""
