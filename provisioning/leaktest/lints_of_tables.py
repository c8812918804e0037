"""Rules about tables, their policies and their indexes, about views and functions."""

from __future__ import annotations

import re
from typing import Final

from provisioning.leaktest.rule import Rule

_ROW_SECURITY_OFF = r"""
select relname, '' from pg_class
where relnamespace = %(schema)s::regnamespace and relkind in ('r', 'p') and not relrowsecurity
    and (relname not like '\_%%' or relname like '\_x\_%%' or relname = '_trash')
"""
_ROW_SECURITY_NOT_FORCED = """
select relname, '' from pg_class
where relnamespace = %(schema)s::regnamespace and relkind in ('r', 'p') and relrowsecurity and not relforcerowsecurity
"""
_POLICIES = """
select concat(c.relname, '.', p.polname), {fact} from pg_policy p join pg_class c on c.oid = p.polrelid
where c.relnamespace = %(schema)s::regnamespace
"""
_POLICY_TO_PUBLIC = _POLICIES.replace("{fact}", "''") + "and 0 = any(p.polroles)"
_POLICY_EXPRESSIONS = _POLICIES.replace(
    "{fact}", "concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))"
)
_SEVERAL_POLICIES = """
select distinct relname, names from (
    select c.relname, string_agg(p.polname, ', ' order by p.polname) as names
    from pg_policy p join pg_class c on c.oid = p.polrelid, unnest(p.polroles) as role,
         unnest(case when p.polcmd = '*' then array['r', 'a', 'w', 'd'] else array[p.polcmd::text] end) as command
    where c.relnamespace = %(schema)s::regnamespace and p.polpermissive
    group by c.oid, c.relname, role, command having count(*) > 1
) found
"""
_POLICY_COLUMN_WITHOUT_INDEX = r"""
select distinct c.relname, a.attname
from pg_policy p join pg_class c on c.oid = p.polrelid
join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid > 0
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
where c.relnamespace = %(schema)s::regnamespace and c.relname not like '\_%%' and p.polcmd <> 'a'
    and not exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indkey[0] = a.attnum)
"""
_FOREIGN_KEY_WITHOUT_INDEX = """
select c.relname, a.attname
from pg_constraint k join pg_class c on c.oid = k.conrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
where k.contype = 'f' and c.relnamespace = %(schema)s::regnamespace
    and not exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indkey[0] = a.attnum)
"""
_DEFINER_WITHOUT_SEARCH_PATH = """
select proname, '' from pg_proc
where pronamespace = %(schema)s::regnamespace and prosecdef
    and not exists (select from unnest(proconfig) setting where setting like 'search_path=%%')
"""
_VIEW_WITH_RIGHTS_OF_ITS_OWNER = """
select relname, '' from pg_class
where relnamespace = %(schema)s::regnamespace and relkind = 'v' and not exists (
    select from unnest(reloptions) option
    where lower(option) = any('{security_invoker=true, security_invoker=on, security_invoker=yes, security_invoker=1}'))
"""
_MATERIALIZED_VIEW = """
select relname, '' from pg_class where relnamespace = %(schema)s::regnamespace and relkind = 'm'
"""

_TEXT: Final = re.compile(r"'(?:[^']|'')*'")
_CALL: Final = re.compile(r"(?<![:\w.\"])(?:[a-z_]\w*\.)?[a-z_]\w*\(")


def calls_for_each_row(expression: str) -> bool:
    """Whether a policy's expression, as PostgreSQL writes it, calls a function outside of any sub-select."""
    plain, depth, inside = [], 0, []
    for part in re.split(r"(\( ?SELECT |[()])", _TEXT.sub("''", expression)):
        if part.startswith("("):
            depth += 1
            if "SELECT" in part:
                inside.append(depth)
        if not inside:
            plain.append(part)
        if part == ")":
            if inside and inside[-1] == depth:
                inside.pop()
            depth -= 1
    return bool(_CALL.search("".join(plain)))


RULES: Final = (
    Rule(
        "row_security_off",
        _ROW_SECURITY_OFF,
        "{object} has no row-level security: whoever may read the table reads all of it.",
        "Run: alter table {object} enable row level security, force row level security.",
    ),
    Rule(
        "row_security_not_forced",
        _ROW_SECURITY_NOT_FORCED,
        "Row-level security of {object} does not bind the owner of the table.",
        "Run: alter table {object} force row level security.",
    ),
    Rule(
        "policy_to_public",
        _POLICY_TO_PUBLIC,
        "The policy {object} is for every role of the server.",
        "Drop it, or name the role that it is for: alter policy ... to ....",
    ),
    Rule(
        "policy_calls_per_row",
        _POLICY_EXPRESSIONS,
        "The policy {object} calls a function for each row: {fact}.",
        "Write the call as (select ...), which is worked out once a statement.",
        "warning",
        calls_for_each_row,
    ),
    Rule(
        "several_policies",
        _SEVERAL_POLICIES,
        "{object} has several policies for the same role and command: {fact}. Any one of them lets a row through.",
        "Keep one policy a role and command.",
    ),
    Rule(
        "policy_column_without_index",
        _POLICY_COLUMN_WITHOUT_INDEX,
        "A policy of {object} asks for {fact}, and no index begins with it: lists read the whole table.",
        "Add an index of {object} that begins with {fact}.",
        "warning",
    ),
    Rule(
        "foreign_key_without_index",
        _FOREIGN_KEY_WITHOUT_INDEX,
        "{object} has no index that begins with {fact}: deleting a row that it links to reads the whole table.",
        "Add an index of {object} that begins with {fact}.",
        "warning",
    ),
    Rule(
        "definer_without_search_path",
        _DEFINER_WITHOUT_SEARCH_PATH,
        "{object} runs with the rights of its owner and looks for names where its caller says.",
        "Make it SECURITY INVOKER, or add: set search_path = ''.",
    ),
    Rule(
        "view_with_rights_of_its_owner",
        _VIEW_WITH_RIGHTS_OF_ITS_OWNER,
        "The view {object} shows what its owner may see, not what its reader may.",
        "Run: alter view {object} set (security_invoker = true).",
    ),
    Rule(
        "materialized_view",
        _MATERIALIZED_VIEW,
        "The materialized view {object} knows no row-level security.",
        "Drop it, or take every right on it from the roles of members and admins.",
    ),
)
