"""What the first plan of a project lays before its tables: the functions that the triggers of all of them call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, LiteralString

from core import sql
from provisioning.phases import Phase, Step
from provisioning.statements import Statement
from provisioning.target import LEDGER, REFUSE_LINK, TOUCH, TRASH, Target
from provisioning.trash import FUNCTIONS as TRASH_FUNCTIONS

_TOUCH: Final[LiteralString] = """\
create function {name}() returns trigger language plpgsql set search_path = '' as $$
begin
    if new.user_id is distinct from old.user_id and current_user <> all (array[{unrestricted}]) then
        raise insufficient_privilege using message = 'The owner of a row cannot be changed.';
    end if;
    new.updated_at := now();
    return new;
end
$$"""

_REFUSE_LINK: Final[LiteralString] = """\
create function {name}() returns trigger language plpgsql set search_path = '' as $$
begin
    raise foreign_key_violation using
        message = 'The linked row does not exist.',
        schema = tg_table_schema, table = tg_table_name, constraint = tg_argv[0];
end
$$"""

FUNCTIONS: Final = (
    (TOUCH, _TOUCH, "Keep the time of the last change of every row, and its owner"),
    (REFUSE_LINK, _REFUSE_LINK, "Answer a link to a hidden row like one to a missing row"),
    *TRASH_FUNCTIONS,
)
"""Their names, what makes them, and what they are for."""


def foundation(target: Target) -> Iterator[Step]:
    """The steps that prepare an empty schema. They stay when the plan is undone: archived tables use the functions."""
    names = {
        "unrestricted": target.unrestricted,
        "trash": sql.identifier(target.schema, TRASH),
        "ledger": sql.identifier(target.schema, LEDGER),
    }
    for function, template, comment in FUNCTIONS:
        name = sql.identifier(target.schema, function)
        create = sql.format(template, name=name, **names)
        yield Step(Phase.PREPARE, Statement(sql.text(create), comment, "", "Prepare the project's schema"))
