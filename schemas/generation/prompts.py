"""What Claude is told: the rules once, cached; the user's words and their schema last, as data.

The rules are in `rules.md`. The system prompt is equal for every request, so that the prompt cache serves it. Types
and limits come from the registry and the settings; a new column type is in the prompt by itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from schemas import limits
from schemas.blueprints import blueprint
from schemas.column_types import column_types
from schemas.document import Json
from schemas.generation.draft import Request
from schemas.generation.reply import from_document, from_operations, reply_schema
from schemas.problems import Problem

EXAMPLE: Final = "help_desk"
CHANGE: Final = (
    "Customers have a birthday. Call replies messages, require a channel, and link customers to their agent."
)
CHANGE_OPERATIONS: Final[tuple[dict[str, Json], ...]] = (
    {"op": "add_column", "table": "customers", "column": {"name": "birthday", "type": "date", "label": "Birthday"}},
    {"op": "rename_table", "table": "replies", "new_name": "messages"},
    {"op": "change_column", "table": "tickets", "column": "channel", "set": {"required": True}},
    {
        "op": "add_relation",
        "relationship": {
            "from_table": "customers",
            "from_column": "agent_id",
            "to_table": "support_agents",
            "type": "many_to_one",
            "label": "Agent",
            "on_delete": "set_null",
        },
    },
)
_MOST_PROBLEMS: Final = 40
_SENTENCE: Final = re.compile(r"[^.:;\n]+")
_A_SENTENCE: Final = 50
"""Characters from which on a sentence is nobody's own."""


def _rules() -> str:
    return (files(__package__) / "rules.md").read_text("utf-8")


def _system_text() -> str:
    example = blueprint(EXAMPLE)
    answer = from_document(example.document.to_json()) | {
        "message": "Here is a help desk with tickets, customers, support agents, replies and articles.",
        "reasoning": "Tickets are the centre; customers ask, agents answer, replies keep the conversation.",
    }
    change = {key: answer[key] if isinstance(answer[key], str) else [] for key in answer} | {
        "intent": "MODIFY",
        "message": "Customers have a birthday and an agent, replies are messages, and tickets need a channel.",
        "reasoning": "",
        "name": "",
        "operations": from_operations(CHANGE_OPERATIONS),
    }
    return "\n".join(
        [
            _rules(),
            "# Column types",
            *_type_lines(),
            "",
            "# Limits",
            _limits(),
            "",
            "# Form of the answer: one JSON object of this schema and nothing else",
            _compact(reply_schema()),
            "",
            "# Example",
            f"<request>{_encoded(example.prompt)}</request>",
            _compact(answer),
            "",
            "# Example of a change, the active schema being the one above",
            f"<request>{_encoded(CHANGE)}</request>",
            _compact(change),
        ]
    )


def system_blocks() -> list[dict[str, Json]]:
    """The system prompt, marked for the prompt cache."""
    return [{"type": "text", "text": _system_text(), "cache_control": {"type": "ephemeral"}}]


def prompt_version() -> str:
    """A short hash of all that the model is told before the user's words, and of the form of its answer."""
    return hashlib.sha256(_system_text().encode()).hexdigest()[:12]


def repeats_rules(text: str) -> bool:
    """Whether the text holds a sentence of the rules. They are no secret, but nothing that a user has any use for."""
    said = _words(text)
    return any(sentence in said for sentence in map(_words, _SENTENCE.findall(_rules())) if len(sentence) > _A_SENTENCE)


def user_text(request: Request) -> str:
    """What this person wants, as data that cannot close its own delimiters."""
    active = "null" if request.active is None else _encoded(request.active.to_json())
    return f"<active_schema>{active}</active_schema>\n<request>{_encoded(request.prompt)}</request>"


def repair_text(problems: Iterable[Problem]) -> str:
    """What was wrong with the answer before, and that all of it is wanted again.

    The problems quote names and labels, so they are delimited like the words that those come from.
    """
    lines = [f"{problem.path}: {problem.detail} {problem.fix}" for problem in problems]
    return "\n".join(
        [
            "Your answer cannot be used yet. These are the problems:",
            f"<problems>{_encoded(lines[:_MOST_PROBLEMS])}</problems>",
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


def _compact(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _encoded(data: Json) -> str:
    """JSON without a character that could end a tag."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
