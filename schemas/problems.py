"""What can be wrong with a schema document: the codes, and the sentences that come with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from schemas.document import Json, Schema

Severity = Literal["error", "warning"]


class Code(StrEnum):
    """The stable name of each kind of problem; `docs/schema-problems.md` explains every one."""

    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    INVALID_TEXT = "invalid_text"
    INVISIBLE_CHARACTER = "invisible_character"
    INVALID_NUMBER = "invalid_number"
    WRONG_TYPE = "wrong_type"
    MISSING_KEY = "missing_key"
    UNKNOWN_KEY = "unknown_key"
    TOO_LONG = "too_long"
    INVALID_VERSION = "invalid_version"

    INVALID_NAME = "invalid_name"
    RESERVED_NAME = "reserved_name"
    SYSTEM_COLUMN = "system_column"
    DUPLICATE_NAME = "duplicate_name"
    NAME_CLASH = "name_clash"
    INVALID_ID = "invalid_id"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_RENAMED_FROM = "unknown_renamed_from"

    NO_TABLES = "no_tables"
    NO_COLUMNS = "no_columns"
    TOO_MANY_TABLES = "too_many_tables"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_OPTIONS = "too_many_options"
    INVALID_ACCESS = "invalid_access"
    INVALID_ICON = "invalid_icon"
    INVALID_TITLE_COLUMN = "invalid_title_column"
    UNKNOWN_COLUMN = "unknown_column"
    INVALID_INDEX = "invalid_index"

    UNKNOWN_TYPE = "unknown_type"
    INVALID_SETTING = "invalid_setting"
    INVALID_OPTION = "invalid_option"
    DUPLICATE_OPTION = "duplicate_option"
    INVALID_DEFAULT = "invalid_default"

    UNKNOWN_TABLE = "unknown_table"
    INVALID_RELATION = "invalid_relation"
    INVALID_ON_DELETE = "invalid_on_delete"
    REQUIRED_SET_NULL = "required_set_null"
    REQUIRED_CYCLE = "required_cycle"

    LOOKALIKE_LABEL = "lookalike_label"
    NO_TITLE_COLUMN = "no_title_column"
    MONEY_AS_NUMBER = "money_as_number"
    UNLINKED_TABLE = "unlinked_table"


@dataclass(frozen=True, slots=True)
class Edit:
    """A step that mends a document.

    Args:
        path: the place that it changes, as a JSON path into the document that was given.
    """

    path: str

    @property
    def done(self) -> str:
        """What was done, as a sentence."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Put(Edit):
    """A value takes the place of what is there, if anything is.

    Args:
        value: JSON data.
    """

    value: Json

    @property
    def done(self) -> str:
        """What was done, as a sentence."""
        return f"Set {self.path.rpartition('.')[2]} to {json.dumps(self.value, ensure_ascii=False)}."


@dataclass(frozen=True, slots=True)
class Remove(Edit):
    """What is there goes."""

    @property
    def done(self) -> str:
        """What was done, as a sentence."""
        return "Removed it."


@dataclass(frozen=True, slots=True)
class Rename(Edit):
    """A table or column gets another name, also wherever the document calls it by its name.

    Args:
        name: the new name.
    """

    name: str

    @property
    def done(self) -> str:
        """What was done, as a sentence."""
        return f'Renamed to "{self.name}", with everything that names it.'


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or could be better, in a schema document.

    Args:
        severity: an `error` keeps the document from being used, a `warning` does not.
        code: what kind of problem it is, such as `duplicate_name`.
        path: where it is, as a JSON path into the document that was given.
        detail: what is wrong, in one sentence.
        fix: what to do about it, in one sentence.
        mend: the fix as a machine can make it; nothing where it would have to guess what the author meant.
    """

    severity: Severity
    code: str
    path: str
    detail: str
    fix: str
    mend: tuple[Edit, ...] = ()

    def to_json(self) -> dict[str, str]:
        """The problem as the API reports it."""
        return {"severity": self.severity, "code": self.code, "path": self.path, "detail": self.detail, "fix": self.fix}

    def moved(self, place: Callable[[str], str]) -> Problem:
        """The problem with other paths.

        Args:
            place: the new path of a path.
        """
        edits = tuple(replace(edit, path=place(edit.path)) for edit in self.mend)
        return replace(self, path=place(self.path), mend=edits)


@dataclass(frozen=True, slots=True)
class Validation:
    """What came out of validating a document: the schema, if there were no errors, and every problem."""

    schema: Schema | None
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether the document can be used as it is."""
        return self.schema is not None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the document from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def to_json(self) -> dict[str, object]:
        """The result as the API and the command report it."""
        return {"valid": self.valid, "problems": [problem.to_json() for problem in self.problems]}
