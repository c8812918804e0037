"""What Claude is told: the rules once, cached; the user's words and their schema last, as data.

The rules are in `rules.md`. The system prompt is equal for every request, so that the prompt cache serves it. Types
and limits come from the registry and the settings; a new column type is in the prompt by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from schemas import limits
from schemas.blueprints import blueprint
from schemas.column_types import column_types
from schemas.document import Json
from schemas.generation.draft import Request
from schemas.generation.reply import from_document, reply_schema
from schemas.problems import Problem

_EXAMPLE: Final = "help_desk"
_MOST_PROBLEMS: Final = 40


def _system_text() -> str:
    schema = json.dumps(reply_schema(), separators=(",", ":"))
    example = blueprint(_EXAMPLE)
    answer = from_document(example.document.to_json()) | {
        "message": "Here is a help desk with tickets, customers, support agents, replies and articles.",
        "reasoning": "Tickets are the centre; customers ask, agents answer, replies keep the conversation.",
    }
    return "\n".join(
        [
            (files(__package__) / "rules.md").read_text("utf-8"),
            "# Column types",
            *_type_lines(),
            "",
            "# Limits",
            _limits(),
            "",
            "# Form of the answer: one JSON object of this schema and nothing else",
            schema,
            "",
            "# Example",
            f"<request>{_encoded(example.prompt)}</request>",
            json.dumps(answer, ensure_ascii=False, separators=(",", ":")),
        ]
    )


def system_blocks() -> list[dict[str, Json]]:
    """The system prompt, marked for the prompt cache."""
    return [{"type": "text", "text": _system_text(), "cache_control": {"type": "ephemeral"}}]


def user_text(request: Request) -> str:
    """What this person wants, as data that cannot close its own delimiters."""
    active = "null" if request.active is None else _encoded(request.active.to_json())
    return f"<active_schema>{active}</active_schema>\n<request>{_encoded(request.prompt)}</request>"


def repair_text(problems: Iterable[Problem]) -> str:
    """What was wrong with the answer before, and that all of it is wanted again."""
    lines = [f"- {problem.path}: {problem.detail} {problem.fix}" for problem in problems]
    return "\n".join(
        [
            "Your answer cannot be used yet. These are the problems:",
            *lines[:_MOST_PROBLEMS],
            "Answer again with the whole JSON object, every problem mended and nothing else changed.",
        ]
    )


def _limits() -> str:
    tables, columns, options = limits.max_tables(), limits.max_columns(), limits.max_options()
    return f"{tables} tables, {columns} columns a table, {options} options a select."


def _type_lines() -> list[str]:
    lines = []
    for kind in column_types:
        if "to_table" in kind.settings:
            continue
        settings = ", ".join(
            f"{key} (default {json.dumps(setting.default)})"
            for key, setting in kind.settings.items()
            if key != "options"
        )
        lines.append(f"- {kind.key}: {kind.label}{f'; settings {settings}' if settings else ''}")
    return lines


def _encoded(data: Json) -> str:
    """JSON without a character that could end a tag."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
