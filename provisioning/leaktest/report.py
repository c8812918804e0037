"""What a leak test found, as a value that pages, commands and jobs share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final, Literal

from schemas.document import Json

Outcome = Literal["ok", "shared", "untested", "leak"]
Severity = Literal["error", "warning"]

_BY_WEIGHT: Final[Sequence[Outcome]] = ("shared", "ok", "untested", "leak")

ATTEMPTS: Final[Mapping[str, str]] = {
    "read": "Read",
    "filter": "Filter",
    "statistics": "Statistics",
    "change": "Change",
    "delete": "Delete",
    "add": "Add in a name",
    "move": "Give or take",
    "upsert": "Overwrite",
    "link": "Link",
    "ask": "Ask for it",
    "shadow": "Shadow",
    "no_role": "No role",
}
"""The attempts on the rows of a table, in the order of a report, each with its heading."""


MEANINGS: Final[Mapping[str, str]] = {
    "read": "A member reads a record of another one: by its id, its owner, its values, its place in an order.",
    "filter": "A member's condition is worked out for hidden records, and tells of them by an error.",
    "statistics": "A member reads the values that PostgreSQL keeps for planning.",
    "change": "A member changes or locks a record of another one.",
    "delete": "A member deletes a record of another one.",
    "add": "A member adds a record in another one's name.",
    "move": "A member gives a record away, or takes one over.",
    "upsert": "A member adds a record with the id of a hidden one, to overwrite it.",
    "link": "A member links to a hidden record, or learns from the refusal that it exists.",
    "ask": "A member asks the function that tells whether a record is visible.",
    "shadow": "A temporary table of the same name takes the place of the real one.",
    "no_role": "Whoever has no role in the project reads the table.",
}
"""What succeeds where an attempt leaks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt, and the sentence that says more where it did not simply fail."""

    outcome: Outcome
    detail: str = ""


OK: Final = Verdict("ok")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of several verdicts, the first of these; ok for none."""
    return max(verdicts, key=lambda verdict: _BY_WEIGHT.index(verdict.outcome), default=OK)


@dataclass(frozen=True, slots=True)
class Result:
    """One attempt and what became of it.

    Args:
        target: a table, or what else was attacked.
        attempt: a key of `ATTEMPTS`, or in a few words what was tried around the tables.
        outcome: `shared` where members have each other's rows by design, `untested` where nothing can be said.
        detail: what leaked, or why it could not be tested, in one sentence.
        about_rows: whether it is one of `ATTEMPTS` on the rows of a table.
    """

    target: str
    attempt: str
    outcome: Outcome
    detail: str = ""
    about_rows: bool = True

    @property
    def heading(self) -> str:
        """The attempt as people read it."""
        return ATTEMPTS.get(self.attempt, self.attempt)


@dataclass(frozen=True, slots=True)
class Lint:
    """Something in the live catalog that makes a leak likely, or security slow.

    Args:
        code: its stable name.
        severity: `error` where rows may leak by it.
        object: what it is about, such as `contacts.member_select`.
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
    """

    code: str
    severity: Severity
    object: str
    detail: str
    fix: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a leak test of one project found.

    Args:
        project: its name.
        schema_name: its PostgreSQL schema.
        version: the version that was tested.
        tables: the tables that were attacked, junction tables among them.
        results: every attempt.
        lints: what the catalog shows.
        seconds: how long it took.
    """

    project: str
    schema_name: str
    version: str
    tables: tuple[str, ...]
    results: tuple[Result, ...]
    lints: tuple[Lint, ...]
    seconds: float

    @property
    def leaks(self) -> tuple[Result, ...]:
        """The attempts that succeeded."""
        return tuple(result for result in self.results if result.outcome == "leak")

    @property
    def untested(self) -> tuple[Result, ...]:
        """The attempts of which nothing can be said."""
        return tuple(result for result in self.results if result.outcome == "untested")

    @property
    def errors(self) -> tuple[Lint, ...]:
        """The lints by which rows may leak."""
        return tuple(lint for lint in self.lints if lint.severity == "error")

    @property
    def passed(self) -> bool:
        """Whether everything was tried, nothing leaked, and nothing in the catalog lets it."""
        return not (self.leaks or self.untested or self.errors)

    @property
    def shares(self) -> bool:
        """Whether members have records together, in some table."""
        return any(result.outcome == "shared" for result in self.results)

    @property
    def around(self) -> tuple[Result, ...]:
        """The attempts on what lies around the tables."""
        return tuple(result for result in self.results if not result.about_rows)

    @property
    def matrix(self) -> tuple[tuple[str, tuple[Result, ...]], ...]:
        """The attempts on rows by table, in the order of `ATTEMPTS`."""
        found = {(result.target, result.attempt): result for result in self.results if result.about_rows}
        return tuple((table, tuple(found[table, key] for key in ATTEMPTS)) for table in self.tables)

    @property
    def summary(self) -> str:
        """The report in one line."""
        tried = f"{len(self.results)} attempts on {len(self.tables)} tables"
        if self.passed:
            return f"No leak: {tried} reached nothing."
        counts = (
            (self.leaks, "leaked"),
            (self.untested, "could not be tested"),
            (self.errors, "faults in the catalog"),
        )
        return f"{tried}: " + ", ".join(f"{len(items)} {words}" for items, words in counts if items) + "."

    def to_json(self) -> Json:
        """The report as plain JSON, with what follows from it."""
        counts = {"leaks": len(self.leaks), "untested": len(self.untested)}
        return asdict(self) | {"passed": self.passed, "summary": self.summary, **counts}

    @classmethod
    def from_json(cls, data: Json) -> Report:
        """Reads what `to_json` wrote."""
        content = {field.name: data[field.name] for field in fields(cls)}
        content["tables"] = tuple(data["tables"])
        content["results"] = tuple(Result(**item) for item in data["results"])
        content["lints"] = tuple(Lint(**item) for item in data["lints"])
        return cls(**content)
