"""What the live catalog shows of leaks that no attempt has met yet, and of security that costs more than it must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from core.tenancy import Rehearsal
from provisioning.leaktest.lints_of_rights import RULES as RULES_OF_RIGHTS
from provisioning.leaktest.lints_of_tables import RULES as RULES_OF_TABLES
from provisioning.leaktest.report import Lint
from provisioning.target import Target

RULES: Final = (*RULES_OF_TABLES, *RULES_OF_RIGHTS)


def lints(rehearsal: Rehearsal, target: Target) -> Iterator[Lint]:
    """Everything that the rules find in a project."""
    values: dict[str, str | list[str]] = {
        "schema": target.schema,
        "owner": target.owner,
        "roles": [target.owner, target.admin, target.member],
        "visitors": [target.admin, target.member],
    }
    for rule in RULES:
        with rehearsal.door.connection.cursor() as cursor:
            cursor.execute(rule.query, values)
            rows = cursor.fetchall()
        yield from (rule.lint(str(name), str(fact)) for name, fact in rows if rule.applies(str(fact)))
