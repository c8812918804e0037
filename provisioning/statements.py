"""A plan as a value: every statement that takes a project from one version of its document to the next.

The page, the API, the commands and the tests show the very object that the executor runs. It is stored once and never
changed: its hash says that what runs is what was shown.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from provisioning.risks import Risk

Json = dict[str, Any]


class PlanDamaged(ValueError):
    """A stored plan is not the one that was made."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of a plan.

    Args:
        sql: the statement, without a trailing semicolon.
        comment: what it does, in a few words for the person who waits.
        reverse: the statement that undoes it, run in reverse order; empty when undoing another one undoes it too.
        caused_by: the sentence of the change that it belongs to.
        transactional: whether it runs inside the plan's transaction.
        risk: what may go wrong or get lost, if anything.
    """

    sql: str
    comment: str
    reverse: str
    caused_by: str
    transactional: bool = True
    risk: Risk | None = None

    def to_json(self) -> Json:
        """The statement as plain JSON."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        return content | {"risk": self.risk.to_json() if self.risk else None}

    @classmethod
    def from_json(cls, data: Json) -> Statement:
        """Reads what `to_json` wrote."""
        risk = Risk.from_json(data["risk"]) if data["risk"] else None
        return cls(**{**data, "risk": risk})


@dataclass(frozen=True)
class Plan:
    """The statements from one version to the next, and what they amount to.

    Args:
        schema_name: the PostgreSQL schema that they change.
        number: the number of the version that results; its parent has `number - 1`, and 0 is the empty database.
        version: the name of the version that results, such as `1.2.0`.
        from_hash: the content hash of the parent's document; empty when there is none.
        to_hash: the content hash of the document that results.
        changes: one sentence for each change.
        statements: in the order in which they run.
        tables_created: names of the new tables.
        tables_changed: names, after the change, of the tables that stay but differ.
        tables_dropped: names of the tables that go to the archive.
        policies_created: how many row-level security policies the statements create.
        cautions: what to know of the plan as a whole.
    """

    schema_name: str
    number: int
    version: str
    from_hash: str
    to_hash: str
    changes: tuple[str, ...]
    statements: tuple[Statement, ...]
    tables_created: tuple[str, ...] = ()
    tables_changed: tuple[str, ...] = ()
    tables_dropped: tuple[str, ...] = ()
    policies_created: int = 0
    cautions: tuple[Risk, ...] = ()

    @property
    def risks(self) -> tuple[Risk, ...]:
        """The risks of all statements, each once, in their order, and those of the plan as a whole."""
        of_statements = (statement.risk for statement in self.statements if statement.risk)
        return tuple(dict.fromkeys((*of_statements, *self.cautions)))

    @property
    def destructive(self) -> bool:
        """Whether stored values disappear from the application."""
        return any(risk.destructive for risk in self.risks)

    @property
    def changes_nothing(self) -> bool:
        """Whether the document is the one that is active already."""
        return self.from_hash == self.to_hash

    @cached_property
    def sha256(self) -> str:
        """The hash of all that the plan says."""
        text = json.dumps(self._content(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def sql(self) -> str:
        """All statements as one script with comments: what people read before they confirm."""
        return "\n\n".join(f"-- {statement.comment}\n{statement.sql};" for statement in self.statements) + "\n"

    @property
    def reverse_sql(self) -> str:
        """The script that undoes the plan."""
        backwards = [statement for statement in reversed(self.statements) if statement.reverse]
        return "\n\n".join(f"-- undo: {statement.comment}\n{statement.reverse};" for statement in backwards) + "\n"

    def to_json(self) -> Json:
        """The plan as plain JSON, its hash and risks included."""
        risks = [risk.to_json() for risk in self.risks]
        return self._content() | {"sha256": self.sha256, "risks": risks, "destructive": self.destructive}

    @classmethod
    def from_json(cls, data: Json) -> Plan:
        """Reads what `to_json` wrote.

        Raises:
            PlanDamaged: when the content does not match the hash.
        """
        content = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        lists = {key: tuple(value) for key, value in content.items() if isinstance(value, list)}
        lists["statements"] = tuple(Statement.from_json(item) for item in content["statements"])
        lists["cautions"] = tuple(map(Risk.from_json, data.get("cautions", ())))
        plan = cls(**{**content, **lists})
        if plan.sha256 != data["sha256"]:
            raise PlanDamaged(f"The stored plan of version {plan.version} does not match its hash.")
        return plan

    def _content(self) -> Json:
        content: Json = {field.name: getattr(self, field.name) for field in fields(self)}
        content = {key: list(value) if isinstance(value, tuple) else value for key, value in content.items()}
        content["statements"] = [statement.to_json() for statement in self.statements]
        if cautions := [risk.to_json() for risk in self.cautions]:
            return content | {"cautions": cautions}
        del content["cautions"]
        return content
