"""Words about names: singular and plural, what models are called, and which names nobody may take."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final, TypeGuard

import inflection

from schemas.characters import transliterated

MAX_NAME_BYTES: Final = 63
"""PostgreSQL cuts longer identifiers silently (NAMEDATALEN - 1), so longer ones are refused."""

MAX_ID_BYTES: Final = 29
"""Names of constraints are a prefix of three and two ids: 3 + 29 + 1 + 29 stays within `MAX_NAME_BYTES`."""

NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
"""Lower-case words joined by single underscores: Django gives two of them, or one at the end, a meaning."""

_POSTGRES_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_MODEL_MEMBERS = frozenset(
    {"clean", "clean_fields", "date_error_message", "from_db", "full_clean", "get_constraints", "get_deferred_fields"}
    | {"objects", "pk", "prepare_database_save", "refresh_from_db", "save", "save_base", "serializable_value"}
    | {"unique_error_message", "validate_constraints", "validate_unique"}
)
"""What Django itself asks of a record or its class. What only an application would call, such as `delete` or `check`,
is free: ours does not."""
_DERIVED_MEMBER = re.compile(r"get_(?:(.+)_display|(?:next|previous)_by_(.+))\Z")
_INDEX_PREFIXES = ("pk_", "uq_", "ix_", "sq_")
_UNCOUNTABLE = (
    "data", "media", "staff", "feedback", "inventory", "stock", "payroll", "equipment", "furniture", "software", "gas",
)  # fmt: skip
_IRREGULAR = {
    "bonus": "bonuses", "leave": "leaves", "criterion": "criteria", "tax": "taxes", "quota": "quotas",
}  # fmt: skip
_SINGULARS = {word: word for word in (*_UNCOUNTABLE, *_IRREGULAR)} | {many: one for one, many in _IRREGULAR.items()}
_PLURALS = {word: word for word in (*_UNCOUNTABLE, *_IRREGULAR.values())} | _IRREGULAR
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_SLUGGED = 200
_LAST_WORD = re.compile(r"[A-Za-z]+\Z")


def is_name(value: object) -> TypeGuard[str]:
    """Whether the value has the form that names of tables and columns have."""
    return isinstance(value, str) and len(value) <= MAX_NAME_BYTES and NAME.match(value) is not None


def reserved_as_table(name: str, ids: Collection[str] = ()) -> str:
    """Why no table may have this name, as the end of a sentence; empty when one may.

    Args:
        name: the name.
        ids: the ids of all tables: names of indexes and sequences are made of them, and no table can have the same.
    """
    if name.startswith("pg_"):
        return "PostgreSQL keeps names that begin with pg_ for itself"
    if name.startswith(_INDEX_PREFIXES) and any(name.startswith(table_id, 3) for table_id in ids if table_id):
        return "indexes and sequences of a table have such names"
    return ""


def reserved_as_column(name: str) -> str:
    """Why no column may have this name, as the end of a sentence; empty when one may.

    Keywords of SQL are no reason: every identifier is quoted. Nor are the soft ones of Python, such as `match` and
    `type`.
    """
    if name in _POSTGRES_COLUMNS:
        return "every PostgreSQL table has a hidden column of that name"
    if keyword.iskeyword(name) or name == "self":
        return "it is a keyword of Python, in which the application's records are handled"
    return reserved_as_field(name)


def reserved_as_field(name: str) -> str:
    """Why no record may have an attribute of this name, as the end of a sentence; empty when one may."""
    return "every record already has something of that name" if name in _MODEL_MEMBERS else ""


def reserved_beside(name: str, columns: Collection[str]) -> str:
    """Why no column may have this name beside others, as the end of a sentence; empty when one may."""
    found = _DERIVED_MEMBER.match(name)
    column = (found[1] or found[2]) if found else ""
    return f"records already have something of that name for {column}" if column in columns else ""


def model_name(table_name: str) -> str:
    """The class name of a table's rows: `RealEstateAgents` for `real_estate_agents`."""
    return "".join(word.capitalize() for word in table_name.split("_"))


def relation_field_name(column_name: str) -> str:
    """What a relation column points to, as an attribute: `agent` for `agent_id`."""
    return column_name.removesuffix("_id")


def relation_column_name(name: str) -> str:
    """The column of a relation that was named with or without its ending: `agent_id` for both."""
    return name if name.endswith("_id") else f"{name}_id"


def slug(words: str) -> str:
    """The nearest name of the right form: `Due date!` as `due_date`, `Größe` as `grosse`."""
    parts = re.findall(r"[a-z0-9]+", transliterated(words[:_LONGEST_SLUGGED]).lower())
    name = "_".join(parts)[:MAX_NAME_BYTES].rstrip("_")
    return name if is_name(name) else f"n_{name}"[:MAX_NAME_BYTES].rstrip("_")


def proposed_name(given: str) -> str:
    """The name of the right form for one that somebody wrote in another: as `slug`, and `dueDate` as `due_date`."""
    return slug(_CAMEL.sub("_", transliterated(given[:_LONGEST_SLUGGED])))


def is_certain(given: str, proposed: str) -> bool:
    """Whether `proposed_name` kept every letter and digit of a name, so that nobody could mean another."""
    if len(given) > _LONGEST_SLUGGED:
        return False
    kept = "".join(one for one in transliterated(given).lower() if one.isalnum())
    return bool(kept) and kept == proposed.replace("_", "")


def humanise(name: str) -> str:
    """`due_date` as `Due date`, `agent_id` as `Agent`."""
    words = name.removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@lru_cache(maxsize=4096)
def singular(words: str) -> str:
    """`invoice_items` as `invoice_item`, `Real estate agencies` as `Real estate agency`."""
    return _LAST_WORD.sub(lambda found: _singular_word(found[0]), words)


@lru_cache(maxsize=4096)
def plural(words: str) -> str:
    """`invoice_item` as `invoice_items`, `Property` as `Properties`; what is plural already stays."""
    return _LAST_WORD.sub(lambda found: _plural_word(found[0]), words)


def _singular_word(word: str) -> str:
    return _exception(word, _SINGULARS) or inflection.singularize(word)


def _plural_word(word: str) -> str:
    return _exception(word, _PLURALS) or inflection.pluralize(_singular_word(word))


def _exception(word: str, words: Mapping[str, str]) -> str:
    """What the rules of the library get wrong, in the case of the word; empty for the rest."""
    found = words.get(word.lower(), "")
    return found.capitalize() if word[:1].isupper() else found
