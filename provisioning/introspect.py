"""What a project's schema really holds, in a form that two schemas with the same meaning share.

The order of columns is left out, since archived ones leave gaps, and so is everything whose name begins with an
underscore: the archive, and what is still being made. The schema's own name is replaced, so that two projects with the
same document are equal.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from core.tenancy import Door
from provisioning.target import Target

Json = dict[str, Any]

SCHEMA: Final = "_schema"
"""Where the catalog has what the project's schema is itself; no table has such a name."""

FUNCTIONS: Final = "_functions"
"""Where it has the functions."""

PLACEHOLDER: Final = "<S>"
"""What stands in it for the name of the schema, also in the names of the roles."""

_CATALOG = r"""
select coalesce(jsonb_object_agg(t.relname, jsonb_build_object(
    'kind', t.relkind,
    'owner', pg_get_userbyid(t.relowner),
    'row_security', jsonb_build_array(t.relrowsecurity, t.relforcerowsecurity),
    'rights', (
        select jsonb_agg(g.line order by g.line) from (
            select concat(a.grantee::regrole, ' ', a.privilege_type) as line from aclexplode(t.relacl) a
            union all
            select concat(a.grantee::regrole, ' ', a.privilege_type, ' ', c.attname)
            from pg_attribute c, aclexplode(c.attacl) a where c.attrelid = t.oid and not c.attisdropped
        ) g
    ),
    'columns', (
        select jsonb_object_agg(a.attname, jsonb_build_array(
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
            pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation::text)
            || coalesce((
                select jsonb_build_array(q.seqrelid::regclass::text, q.seqstart, q.seqmin, q.seqmax, q.seqincrement)
                from pg_depend e join pg_sequence q on q.seqrelid = e.objid
                where e.refobjid = t.oid and e.refobjsubid = a.attnum and e.deptype = 'i'
                    and e.classid = 'pg_class'::regclass and e.refclassid = 'pg_class'::regclass
            ), '[]'))
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attname not like '\_%%'
    ),
    'constraints', (
        select jsonb_object_agg(c.conname, jsonb_build_array(
            c.contype, pg_get_constraintdef(c.oid), c.convalidated, c.condeferrable))
        from pg_constraint c where c.conrelid = t.oid and c.conname not like '\_%%'
    ),
    'indexes', (
        select jsonb_object_agg(n.relname, jsonb_build_array(
            pg_get_indexdef(i.indexrelid), i.indisunique, i.indisvalid))
        from pg_index i join pg_class n on n.oid = i.indexrelid
        where i.indrelid = t.oid and n.relname not like '\_%%'
    ),
    'policies', (
        select jsonb_object_agg(p.polname, jsonb_build_array(
            p.polcmd, p.polpermissive, (select jsonb_agg(r::regrole::text order by r::regrole::text)
            from unnest(p.polroles) r), pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)))
        from pg_policy p where p.polrelid = t.oid
    ),
    'triggers', (
        select jsonb_object_agg(g.tgname, jsonb_build_array(pg_get_triggerdef(g.oid), g.tgenabled))
        from pg_trigger g where g.tgrelid = t.oid and not g.tgisinternal
    )
)) filter (where t.oid is not null), '{}') || jsonb_build_object('_functions', (
    select jsonb_object_agg(f.oid::regprocedure::text, jsonb_build_array(
        case when f.prokind = 'a' then '' else pg_get_functiondef(f.oid) end, pg_get_userbyid(f.proowner), f.proacl))
    from pg_depend d join pg_proc f on f.oid = d.objid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = s.oid and d.classid = 'pg_proc'::regclass
), '_schema', jsonb_build_object('owner', pg_get_userbyid(s.nspowner), 'rights', (
    select jsonb_agg(g.line order by g.line)
    from (select concat(a.grantee::regrole, ' ', a.privilege_type) as line from aclexplode(s.nspacl) a) g
)))
from pg_namespace s
    -- Nothing finds the tables of a schema in pg_class but reading all of it, those of all other projects too.
    left join pg_depend n on n.refclassid = 'pg_namespace'::regclass and n.refobjid = s.oid
        and n.classid = 'pg_class'::regclass
    left join pg_class t on t.oid = n.objid and t.relkind in ('r', 'p', 'v', 'm', 'f') and t.relname not like '\_%%'
where s.nspname = %s group by s.oid, s.nspowner, s.nspacl
"""


def catalog(door: Door, target: Target, roles: str = "") -> Json:
    """The tables of the project that stands open, as PostgreSQL describes them.

    Args:
        door: with the target's schema first in the search path.
        target: the schema.
        roles: what the names of the project's roles begin with, where that is not the schema's name.
    """
    with door.connection.cursor() as cursor:
        cursor.execute(_CATALOG, [target.schema])
        (found,) = cursor.fetchone()
    text = found if isinstance(found, str) else json.dumps(found)
    for name in filter(None, (target.schema, roles)):
        text = text.replace(name, PLACEHOLDER)
    return dict(json.loads(text))


def digest(found: Json) -> str:
    """The hash of a catalog: equal for schemas with the same meaning on servers of the same major version."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def catalog_sha256(door: Door, target: Target) -> str:
    """The hash of the catalog as it is."""
    return digest(catalog(door, target))
