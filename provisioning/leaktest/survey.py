"""What a leak test has before it: the relations of the project's schema, and what lies around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.tenancy import Rehearsal

MAX_OTHER_SCHEMAS: Final = 50
"""How many other projects are tried at most, chosen by chance."""

_RELATIONS: Final = """
select c.relname, c.relkind::text,
       (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum limit 1)
from pg_class c where c.relnamespace = %s::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1
"""
_OTHERS: Final = """
select o.nspname, c.relname
from (
    select oid, nspname from pg_namespace
    where nspname ~ '^p_[a-z2-7]{12}$' and nspname <> %s order by random() limit %s
) o
left join lateral (
    select relname from pg_class where relnamespace = o.oid and relkind in ('r', 'v', 'm') order by relname limit 3
) c on true
"""
_PLATFORM: Final = """
select relname from pg_class
where relnamespace = to_regnamespace('public') and relkind in ('r', 'p', 'v', 'm') order by 1
"""
_POWERS: Final = """
select rolname from pg_roles where rolname <> session_user and (
    rolsuper or rolbypassrls or rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files',
                                            'pg_write_server_files', 'pg_execute_server_program'))
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the schema: its name, its `pg_class.relkind`, and its first column."""

    name: str
    kind: str
    column: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to attack.

    Args:
        relations: those of the project's schema by name.
        others: relations of other projects' schemas, as (schema, relation); the relation is None where there is none.
        platform: the platform's tables.
        powers: roles that would be free of all rules.
    """

    relations: Mapping[str, Relation]
    others: tuple[tuple[str, str | None], ...]
    platform: tuple[str, ...]
    powers: tuple[str, ...]


def survey(rehearsal: Rehearsal) -> Survey:
    """Looks around as the project's owner role."""
    schema = rehearsal.project.schema_name

    def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with rehearsal.door.connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    return Survey(
        relations={name: Relation(name, kind, column or "") for name, kind, column in rows(_RELATIONS, schema)},
        others=tuple((name, relation) for name, relation in rows(_OTHERS, schema, MAX_OTHER_SCHEMAS)),
        platform=tuple(name for (name,) in rows(_PLATFORM)),
        powers=tuple(name for (name,) in rows(_POWERS)),
    )
