"""Who keeps a project's tables busy: the kind of work and since when, never anybody's SQL.

It is asked after the wait was given up, when nobody waits any more that PostgreSQL could name a blocker of
(`pg_blocking_pids`); so whoever holds a lock on the tables is told. Of sessions of other database users PostgreSQL does
not say since when they work.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import OperationalError, connections

from core.models import Project

_MOST: Final = 3

_HOLDERS: Final = """
select a.usename::text, a.usename = session_user, a.backend_type, a.xact_start,
       extract(epoch from clock_timestamp() - a.xact_start), array_agg(distinct c.relname::text),
       bool_or(l.mode not in ('AccessShareLock', 'RowShareLock')),
       bool_or(l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareUpdateExclusiveLock',
                          'ShareLock'))
from pg_locks l
join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p')
join pg_stat_activity a on a.pid = l.pid
where l.granted and l.locktype = 'relation' and l.pid <> pg_backend_pid() and c.relnamespace = to_regnamespace(%s)
group by a.pid, a.usename, a.backend_type, a.xact_start
order by a.xact_start nulls last, a.pid
"""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that holds locks on a project's tables.

    Args:
        who: whose session it is.
        doing: what it does with the tables, such as `reads`.
        tables: their names.
        since: when its transaction began; None where PostgreSQL does not tell.
        seconds: how long ago that was.
    """

    who: str
    doing: str
    tables: tuple[str, ...]
    since: datetime | None
    seconds: float

    @property
    def sentence(self) -> str:
        """Who, what, and how long."""
        since = f", since {self.since:%H:%M:%S} UTC ({self.seconds:.0f} seconds)" if self.since else ""
        return f"{self.who} {self.doing} {', '.join(self.tables)}{since}."


def blockers(project: Project, tables: Collection[str] = ()) -> tuple[Blocker, ...]:
    """The sessions that hold locks on a project's tables, the oldest first. Call it outside of doors.

    Args:
        project: the project.
        tables: the tables that are waited for; without any, all of them.
    """
    alias = project.placement.database
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(_HOLDERS, [project.schema_name])
            rows = cursor.fetchall()
    except OperationalError:
        return ()  # the work fails already, and not for want of a name
    found = []
    for user, is_ours, kind, since, seconds, held, writes, changes in rows:
        names = tuple(sorted(name for name in held if not tables or name in tables))
        if names:
            doing = "changes" if changes else "writes to" if writes else "reads"
            found.append(Blocker(_who(user, kind, is_ours=is_ours), doing, names, since, float(seconds or 0)))
    return tuple(found[:_MOST])


def _who(user: str | None, kind: str | None, *, is_ours: bool | None) -> str:
    if kind == "autovacuum worker":
        return "PostgreSQL's own tidying up"
    if is_ours:
        return "Somebody who works with the application (a page, the API or a worker)"
    return f"The database user {user}" if user else "Another database session"
