"""Rules about who owns what, who may do what, and what the project's roles are."""

from __future__ import annotations

from typing import Final

from provisioning.leaktest.rule import Rule

_GRANTS = r"""
with grants as (
    select c.relname, a.grantee, a.privilege_type
    from pg_class c, aclexplode(c.relacl) a where c.relnamespace = %(schema)s::regnamespace
    union all
    select c.relname, a.grantee, a.privilege_type
    from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
    where c.relnamespace = %(schema)s::regnamespace
)
select relname, {fact} from grants where {condition} group by relname, grantee
"""
_RIGHTS = "string_agg(distinct lower(privilege_type), ', ')"
_WHOSE = "concat(grantee::regrole, ': ', " + _RIGHTS + ")"

_GRANTED_TO_PUBLIC = _GRANTS.replace("{fact}", _RIGHTS).replace("{condition}", "grantee = 0")
_GRANTED_TO_STRANGERS = _GRANTS.replace("{fact}", _WHOSE).replace(
    "{condition}", "grantee <> 0 and pg_get_userbyid(grantee) <> all(%(roles)s)"
)
_GRANTED_IN_THE_ARCHIVE = _GRANTS.replace("{fact}", _WHOSE).replace(
    "{condition}",
    r"relname like '\_%%' and pg_get_userbyid(grantee) = any(%(visitors)s)"
    " and not (relname = '_trash' and privilege_type = 'SELECT')",
)

_SCHEMA_GRANTS = """
select n.nspname, {fact} from pg_namespace n, aclexplode(n.nspacl) a
where n.nspname = %(schema)s and {condition}
"""
_SCHEMA_OPEN = _SCHEMA_GRANTS.replace("{fact}", "lower(a.privilege_type)").replace("{condition}", "a.grantee = 0")
_SCHEMA_FOR_STRANGERS = _SCHEMA_GRANTS.replace("{fact}", "a.grantee::regrole").replace(
    "{condition}", "a.grantee <> 0 and pg_get_userbyid(a.grantee) <> all(%(roles)s)"
)
_SCHEMA_TO_BUILD_IN = _SCHEMA_GRANTS.replace("{fact}", "a.grantee::regrole").replace(
    "{condition}", "a.privilege_type = 'CREATE' and pg_get_userbyid(a.grantee) = any(%(visitors)s)"
)

_OWNED_BY_SOMEBODY_ELSE = """
select name, pg_get_userbyid(owner) from (
    select relname as name, relowner as owner from pg_class
    where relnamespace = %(schema)s::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all select proname, proowner from pg_proc where pronamespace = %(schema)s::regnamespace
    union all select nspname, nspowner from pg_namespace where nspname = %(schema)s
) objects where pg_get_userbyid(owner) <> %(owner)s
"""
_POWERFUL_ROLE = """
select rolname, concat_ws(', ',
    case when rolcanlogin then 'log in' end, case when rolsuper then 'do everything' end,
    case when rolbypassrls then 'pass by row-level security' end, case when rolcreaterole then 'make roles' end,
    case when rolcreatedb then 'make databases' end, case when rolreplication then 'copy the server' end)
from pg_roles where rolname = any(%(roles)s)
    and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
"""
_ROLE_IN_A_ROLE = """
select m.member::regrole, m.roleid::regrole from pg_auth_members m where pg_get_userbyid(m.member) = any(%(roles)s)
"""
_INHERITED_ROLE = """
select m.roleid::regrole, m.member::regrole from pg_auth_members m
where pg_get_userbyid(m.roleid) = any(%(roles)s) and pg_get_userbyid(m.member) <> all(%(roles)s)
    and (m.inherit_option or (m.set_option and pg_get_userbyid(m.member) <> session_user))
"""

RULES: Final = (
    Rule(
        "granted_to_public",
        _GRANTED_TO_PUBLIC,
        "Every role of the server has rights on {object}: {fact}.",
        "Run: revoke all on {object} from public.",
    ),
    Rule(
        "granted_to_strangers",
        _GRANTED_TO_STRANGERS,
        "A role that is not the project's has rights on {object}: {fact}.",
        "Revoke them.",
    ),
    Rule(
        "granted_in_the_archive",
        _GRANTED_IN_THE_ARCHIVE,
        "Members or admins have rights on {object}, which is not the application's: {fact}.",
        "Revoke them.",
    ),
    Rule(
        "schema_open",
        _SCHEMA_OPEN,
        "Every role of the server has rights on the schema {object}: {fact}.",
        "Run: revoke all on schema {object} from public.",
    ),
    Rule(
        "schema_for_strangers",
        _SCHEMA_FOR_STRANGERS,
        "The role {fact} is not the project's and has rights on its schema {object}.",
        "Run: revoke all on schema {object} from {fact}.",
    ),
    Rule(
        "schema_to_build_in",
        _SCHEMA_TO_BUILD_IN,
        "The role {fact} may make objects in the schema {object}.",
        "Run: revoke create on schema {object} from {fact}.",
    ),
    Rule(
        "owned_by_somebody_else",
        _OWNED_BY_SOMEBODY_ELSE,
        "{object} belongs to {fact}, not to the project's owner role.",
        "Give it to the project's owner role: alter ... owner to ....",
    ),
    Rule(
        "powerful_role",
        _POWERFUL_ROLE,
        "The role {object} may do what no role of a project may: {fact}.",
        "Run: alter role {object} nologin nosuperuser nobypassrls nocreaterole nocreatedb noreplication.",
    ),
    Rule(
        "role_in_a_role",
        _ROLE_IN_A_ROLE,
        "The role {object} has the rights of another one: {fact}.",
        "Run: revoke {fact} from {object}.",
    ),
    Rule(
        "inherited_role",
        _INHERITED_ROLE,
        "The role {fact} has the rights of {object} without entering it.",
        "Run: revoke {object} from {fact}; the login role of the platform gets it back with INHERIT FALSE.",
    ),
)
