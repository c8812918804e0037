"""Words about names: singular and plural, what models are called, and which names nobody may take."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Final, TypeGuard

import inflection
from django.db import models

MAX_NAME_BYTES: Final = 63
"""PostgreSQL cuts longer identifiers silently (NAMEDATALEN - 1), so longer ones are refused."""

MAX_ID_BYTES: Final = 29
"""Names of constraints are a prefix of three and two ids: 3 + 29 + 1 + 29 stays within `MAX_NAME_BYTES`."""

NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
"""Lower-case words joined by single underscores: Django gives two of them, or one at the end, a meaning."""

_POSTGRES_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
_MODEL_MEMBERS = frozenset(dir(models.Model)) | {"objects", "pk"}
_UNCOUNTABLE = (
    "data", "media", "staff", "feedback", "inventory", "stock", "payroll", "equipment", "furniture", "software", "gas",
)  # fmt: skip
_IRREGULAR = {
    "bonus": "bonuses", "leave": "leaves", "criterion": "criteria", "tax": "taxes", "quota": "quotas",
}  # fmt: skip
_SINGULARS = {word: word for word in (*_UNCOUNTABLE, *_IRREGULAR)} | {many: one for one, many in _IRREGULAR.items()}
_PLURALS = {word: word for word in (*_UNCOUNTABLE, *_IRREGULAR.values())} | _IRREGULAR
_LAST_WORD = re.compile(r"[A-Za-z]+\Z")


def is_name(value: object) -> TypeGuard[str]:
    """Whether the value has the form that names of tables and columns have."""
    return isinstance(value, str) and len(value) <= MAX_NAME_BYTES and NAME.match(value) is not None


def reserved_as_table(name: str) -> str:
    """Why no table may have this name, as the end of a sentence; empty when one may."""
    return "PostgreSQL keeps names that begin with pg_ for itself" if name.startswith("pg_") else ""


def reserved_as_column(name: str) -> str:
    """Why no column may have this name, as the end of a sentence; empty when one may.

    Keywords of SQL are no reason: every identifier is quoted.
    """
    if name in _POSTGRES_COLUMNS:
        return "every PostgreSQL table has a hidden column of that name"
    if keyword.iskeyword(name):
        return "it is a keyword of Python, in which the application's records are handled"
    return reserved_as_field(name)


def reserved_as_field(name: str) -> str:
    """Why no record may have an attribute of this name, as the end of a sentence; empty when one may."""
    return "every record already has something of that name" if name in _MODEL_MEMBERS else ""


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
    """The nearest name of the right form: `Due date!` as `due_date`."""
    parts = re.findall(r"[a-z0-9]+", words[:200].lower())
    name = "_".join(parts)[:MAX_NAME_BYTES].rstrip("_")
    return name if is_name(name) else f"n_{name}"[:MAX_NAME_BYTES].rstrip("_")


def humanise(name: str) -> str:
    """`due_date` as `Due date`, `agent_id` as `Agent`."""
    words = name.removesuffix("_id").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def singular(words: str) -> str:
    """`invoice_items` as `invoice_item`, `Real estate agencies` as `Real estate agency`."""
    return _LAST_WORD.sub(lambda found: _singular_word(found[0]), words)


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
