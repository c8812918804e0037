"""A rule about the live catalog of a project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioning.leaktest.report import Lint, Severity


def always(_fact: str) -> bool:
    """Every row that the query finds breaks the rule."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A query that finds what breaks the rule, and how to tell it.

    Args:
        code: the stable name of the lint.
        query: gives rows of (object, fact); `schema`, `owner`, `roles` and `visitors` are its parameters.
        detail: the sentence, with places for {object} and {fact}.
        fix: what to do, with the same places.
        severity: `error` where rows may leak by it.
        applies: whether a fact breaks the rule, where the query alone cannot tell.
    """

    code: str
    query: str
    detail: str
    fix: str
    severity: Severity = "error"
    applies: Callable[[str], bool] = always

    def lint(self, name: str, fact: str) -> Lint:
        """The lint about one object."""
        words = {"object": name, "fact": fact}
        return Lint(self.code, self.severity, name, self.detail.format(**words), self.fix.format(**words))
