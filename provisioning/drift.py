"""Drift: what differs between what a version says and what PostgreSQL has, in sentences.

Nothing of ours makes such a difference; somebody with other rights on the server did, or a restored backup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from provisioning.introspect import FUNCTIONS, PLACEHOLDER, SCHEMA, Json

_NOUNS: Final = {
    "c": "check",
    "f": "foreign key",
    "n": "NOT NULL",
    "p": "primary key",
    "u": "uniqueness",
    "x": "exclusion",
    "index": "index",
    "policy": "policy",
    "trigger": "trigger",
}
_KINDS: Final = {"v": "view", "m": "materialized view", "f": "foreign table"}
_OF_INDEXES: Final = ("p", "u", "x")
_ROLES: Final = {"-": "everybody (PUBLIC)"} | {
    f"{PLACEHOLDER}_{suffix}": noun
    for suffix, noun in {"owner": "the owner", "admin": "admins", "user": "members"}.items()
}
_COLUMN_FACTS: Final = ("type", "not_null", "identity", "generated", "default", "collation")
"""The first facts that `introspect` has of a column, in their order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise than the version says.

    Args:
        code: what kind of difference, such as `policy_missing`.
        table: the table's name in PostgreSQL; empty for what belongs to the whole schema.
        name: what it is about: a column, constraint, index, policy, trigger, function or role.
        sentence: the difference for people.
        expected: how the catalog should describe it; None where there should be nothing.
        found: how it describes it.
    """

    code: str
    table: str
    name: str
    sentence: str
    expected: Any = None
    found: Any = None

    def to_json(self) -> Json:
        """The difference as the API and the commands tell it."""
        return {"code": self.code, "table": self.table, "name": self.name, "detail": self.sentence}


def differences(expected: Json, found: Json) -> tuple[Difference, ...]:
    """All differences between two catalogs as `introspect.catalog` returns them.

    Args:
        expected: what the version says.
        found: what is there.
    """
    tables = sorted(name for name in expected.keys() | found.keys() if name not in (SCHEMA, FUNCTIONS))
    every = [*_of_schema(expected.get(SCHEMA) or {}, found.get(SCHEMA) or {})]
    for name in tables:
        every += _of_table(name, expected.get(name), found.get(name))
    every += _of_functions(expected.get(FUNCTIONS) or {}, found.get(FUNCTIONS) or {})
    return tuple(every)


def _of_schema(expected: Json, found: Json) -> Iterator[Difference]:
    if expected.get("owner") != found.get("owner"):
        sentence = f"The schema belongs to {_role(found.get('owner'))} instead of {_role(expected.get('owner'))}."
        yield Difference("owner_changed", "", "", sentence, expected.get("owner"), found.get("owner"))
    yield from _rights("", expected.get("rights"), found.get("rights"))


def _of_table(name: str, expected: Json | None, found: Json | None) -> Iterator[Difference]:
    if found is None:
        yield Difference("table_missing", name, name, f"The table {name} is missing.", expected)
        return
    if expected is None:
        kind = _KINDS.get(found["kind"], "table")
        yield Difference(
            "table_extra", name, name, f"There is a {kind} {name} that the version does not have.", None, found
        )
        return
    if expected["owner"] != found["owner"]:
        sentence = f"The table {name} belongs to {_role(found['owner'])} instead of {_role(expected['owner'])}."
        yield Difference("owner_changed", name, name, sentence, expected["owner"], found["owner"])
    else:
        yield from _rights(name, expected["rights"], found["rights"])
    if expected["row_security"] != found["row_security"]:
        on = found["row_security"][0]
        sentence = f"Row-level security of {name} is {'on, but does not bind its owner' if on else 'off'}."
        code = "row_security_not_forced" if on else "row_security_off"
        yield Difference(code, name, name, sentence, expected["row_security"], found["row_security"])
    yield from _columns(name, expected["columns"] or {}, found["columns"] or {})
    yield from _constraints(name, expected, found)
    yield from _things("index", name, *(_own_indexes(side, expected, found) for side in (expected, found)))
    for kind, key in (("policy", "policies"), ("trigger", "triggers")):
        yield from _things(kind, name, expected[key] or {}, found[key] or {})


def _columns(table: str, expected: Json, found: Json) -> Iterator[Difference]:
    for name, there, wanted in _pairs(expected, found):
        if there is None:
            yield Difference("column_missing", table, name, f"The column {name} of {table} is missing.", wanted)
        elif wanted is None:
            sentence = f"{table} has a column {name} that the version does not have."
            yield Difference("column_extra", table, name, sentence, None, there)
        else:
            yield from _column_facts(table, name, wanted, there)


def _column_facts(table: str, name: str, wanted: list[Any], there: list[Any]) -> Iterator[Difference]:
    place, count = f"{table}.{name}", len(_COLUMN_FACTS)
    for fact, old, new in zip(_COLUMN_FACTS, wanted, there, strict=False):
        if old == new:
            continue
        if fact == "not_null":
            sentence = f"{place} must not be empty, but may." if old else f"{place} may be empty, but must not."
        elif fact in ("type", "collation"):
            sentence = f"The {fact} of {place} is {new} instead of {old}."
        elif fact == "default":
            sentence = f"The default of {place} is {_or_none(new)} instead of {_or_none(old)}."
        else:
            does, must = ("fills", "must not") if new else ("does not fill", "must")
            sentence = f"PostgreSQL {does} {place} by itself, but {must}."
        yield Difference(f"column_{fact}", table, name, sentence, wanted, there)
    if wanted[count:] != there[count:]:
        yield Difference("column_numbering", table, name, f"The numbers in {place} are given otherwise.", wanted, there)


def _constraints(table: str, expected: Json, found: Json) -> Iterator[Difference]:
    """A NOT NULL that is there or not is a fact of its column already; here only its name is left."""
    wanted, there = expected["constraints"] or {}, found["constraints"] or {}
    plain = [{key: value for key, value in side.items() if value[0] != "n"} for side in (wanted, there)]
    for name, new, old in _pairs(*plain):
        noun = _NOUNS.get((old or new)[0], "constraint")
        if old and new and old[2] and not new[2] and f"{old[1]} NOT VALID" == new[1]:
            sentence = f"Not every row of {table} was checked against the {noun} {name}."
            yield Difference("constraint_not_validated", table, name, sentence, old, new)
        else:
            yield from _thing("constraint", noun, table, name, old, new)
    names = [{value[1]: key for key, value in side.items() if value[0] == "n"} for side in (wanted, there)]
    for text, new, old in _pairs(*names):
        if old and new and old != new:
            sentence = f"The NOT NULL of {table} that is to be called {old} is called {new}."
            yield Difference("not_null_name", table, text, sentence, old, new)


def _own_indexes(side: Json, *tables: Json) -> Json:
    """The indexes that no constraint brings along."""
    taken = {
        name for table in tables for name, value in (table["constraints"] or {}).items() if value[0] in _OF_INDEXES
    }
    return {name: value for name, value in (side["indexes"] or {}).items() if name not in taken}


def _things(kind: str, table: str, expected: Json, found: Json) -> Iterator[Difference]:
    for name, there, wanted in _pairs(expected, found):
        if kind == "index" and wanted and there and not there[2]:
            yield Difference("index_invalid", table, name, f"The index {name} of {table} is not usable.", wanted, there)
        else:
            yield from _thing(kind, _NOUNS[kind], table, name, wanted, there)


def _thing(kind: str, noun: str, table: str, name: str, wanted: Any, there: Any) -> Iterator[Difference]:
    if there is None:
        yield Difference(f"{kind}_missing", table, name, f"The {noun} {name} of {table} is missing.", wanted)
    elif wanted is None:
        sentence = f"{table} has a {noun} {name} that the version does not have."
        yield Difference(f"{kind}_extra", table, name, sentence, None, there)
    else:
        sentence = f"The {noun} {name} of {table} is another one than the version has."
        yield Difference(f"{kind}_changed", table, name, sentence, wanted, there)


def _rights(table: str, expected: list[str] | None, found: list[str] | None) -> Iterator[Difference]:
    place = table or "the schema"
    wanted, there = ({*(side or ())} for side in (expected, found))
    for code, lines, verb in (("rights_missing", wanted - there, "lack"), ("rights_extra", there - wanted, "have")):
        for role in sorted({line.split()[0] for line in lines}):
            what = ", ".join(sorted(_right(line) for line in lines if line.split()[0] == role))
            instead = "" if verb == "lack" else ", which the version does not give them"
            sentence = f"{_capital(_role(role))} {verb} the right on {place} to {what}{instead}."
            yield Difference(code, table, role, sentence, sorted(wanted), sorted(there))


def _of_functions(expected: Json, found: Json) -> Iterator[Difference]:
    for name, there, wanted in _pairs(expected, found):
        if there is None:
            yield Difference("function_missing", "", name, f"The function {name} is missing.", wanted)
        elif wanted is None:
            sentence = f"There is a function {name} that the version does not have."
            yield Difference("function_extra", "", name, sentence, None, there)
        else:
            yield Difference("function_changed", "", name, f"The function {name} is another one.", wanted, there)


def _pairs(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What differs, by its name: what is there and what should be."""
    for name in sorted(expected.keys() | found.keys()):
        there, wanted = found.get(name), expected.get(name)
        if there != wanted:
            yield name, there, wanted


def _role(name: str | None) -> str:
    return _ROLES.get(name or "", f"the role {name}")


def _right(line: str) -> str:
    """`select`, or `update price` for the right to one column."""
    return " ".join([line.split()[1].lower(), *line.split()[2:]])


def _or_none(text: str | None) -> str:
    return text or "none"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
