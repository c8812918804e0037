"""The target `sql` loads what the project has: PostgreSQL describes both alike, apart from names and roles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.models import User
from core.tenancy import open_project
from provisioning.introspect import _CATALOG, catalog
from provisioning.project_database import target_of
from provisioning.target import visibility
from schemas.document import Schema
from schemas.junctions import as_stored
from tests.exporter.copies import Database, exported, loaded
from tests.exporter.projects import provisioned
from tests.exporter.schemas import blueprint, every_blueprint, every_type, hostile_as_accepted

PRODUCT, COPY = "<S>_user", "authenticated"
"""The role of those who use the tables."""

ONE_SIDED = r"jsonb_path_ops|to_tsvector"
"""The indexes that only one side has: for the policies of files, and for searches."""

GUARDS = (r'new\.("?\w+"?) IS NOT NULL\).* (_sees_\w+)\(', r"check_link\('(\w+)', '.*\.\"(\w+)\"'\)")
"""The column that a trigger guards and what it points to, as either side says it."""


def described(found: dict[str, Any], role: str, tables: dict[str, str]) -> dict[str, Any]:
    """What a catalog says of the tables to a role, without the names that nobody sees.

    Left out is what only one side can have: the roles of the product that see every row, its trash, and its search; in
    the copy, the keys to Supabase's accounts and the index for the policies of files.
    """
    return {name: _table(entry, role, tables) for name, entry in found.items() if not name.startswith("_")}


def _table(entry: dict[str, Any], role: str, tables: dict[str, str]) -> dict[str, Any]:
    guards, others = set(), []
    for name, (text, _) in entry["triggers"].items():
        guarded = [ends for pattern in GUARDS for ends in re.findall(pattern, text)]
        for column, seen in guarded:
            events = re.findall("INSERT|UPDATE", text.partition(" ON ")[0])
            guards |= {(column.strip('"'), tables.get(seen, seen), event) for event in events}
        if not guarded and not name.startswith("trash_"):
            others.append(re.sub(r" (_touch|set_updated_at)\(\)|\S+\.|TRIGGER \w+", "", text))
    return {
        # The last of a numbered column says what its sequence is called.
        "columns": {name: [*facts[:6], *facts[7:]] for name, facts in entry["columns"].items()},
        "constraints": sorted(
            text for _, text, *_ in entry["constraints"].values() if "REFERENCES auth.users" not in text
        ),
        "indexes": sorted(
            text.partition(" USING ")[2] for text, *_ in entry["indexes"].values() if not re.search(ONE_SIDED, text)
        ),
        "policies": sorted(
            [command, permissive, using or "", check or ""]
            for command, permissive, roles, using, check in entry["policies"].values()
            if roles == [role]
        ),
        "rights": [line for line in entry["rights"] if line.startswith(f"{role} ")],
        "row_security": entry["row_security"],
        "guards": guards,
        "other triggers": others,
    }


def check(user: User, new_database: Database, folder: Path, schema: Schema) -> None:
    project = provisioned(user, schema)
    tables = {visibility(table.id): table.name for table in as_stored(schema)}
    with open_project(project, user.pk, "owner") as door:
        before = described(catalog(door, target_of(project)), PRODUCT, tables)
    with loaded(new_database(""), exported(project, folder)) as copy:
        ((found,),) = copy.execute(_CATALOG, ["public"]).fetchall()
    after = described(found, COPY, tables)
    for table in after.values():
        table["rights"] = [line.replace(COPY, PRODUCT) for line in table["rights"]]
    assert list(before) == list(after)
    for name in before:
        assert before[name] == after[name], name


@pytest.mark.parametrize("make", [every_type, hostile_as_accepted, lambda: blueprint("hotel")])
def test_the_script_loads_what_the_project_has(
    user: User,
    new_database: Database,
    tmp_path: Path,
    make: Callable[[], Schema],
) -> None:
    check(user, new_database, tmp_path, make())


@pytest.mark.exports
@pytest.mark.parametrize("make", every_blueprint().values(), ids=every_blueprint())
def test_every_blueprint_is_loaded_as_it_was(
    user: User,
    new_database: Database,
    tmp_path: Path,
    make: Callable[[], Schema],
) -> None:
    check(user, new_database, tmp_path, make())
