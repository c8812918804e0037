"""What the fake Messages API answers to a person: the offline engine's drafts, in the form of Claude's replies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

if not settings.configured:
    settings.configure()

from schemas.document import Json, Schema
from schemas.generation.draft import Request
from schemas.generation.offline import OfflineEngine
from schemas.generation.offline.engine import NO_MODEL
from schemas.generation.reply import from_document, from_operations

_ASKED = re.compile(r"<active_schema>(.*?)</active_schema>\s*<request>(.*?)</request>", re.DOTALL)
_CHARACTERS_A_TOKEN = 4


def designed(body: Mapping[str, Any]) -> dict[str, Json]:
    """The reply to a request of the Messages API."""
    draft = OfflineEngine().draft(_request_of(body), (), _nobody)
    nothing = {"name": "", "tables": [], "relationships": [], "operations": from_operations(draft.operations)}
    return {
        "intent": draft.intent,
        "outcome": draft.outcome,
        "reasoning": draft.reasoning,
        "message": draft.message,
        "warnings": [warning for warning in draft.warnings if warning != NO_MODEL],
        "suggestions": list(draft.suggestions),
    } | (_content(from_document(draft.document)) if draft.document else nothing)


def usage_of(body: Mapping[str, Any], text: str) -> dict[str, int]:
    """What the service would have counted, the system prompt as cached."""
    said = json.dumps(body["messages"])
    return {
        "input_tokens": len(said) // _CHARACTERS_A_TOKEN,
        "cache_read_input_tokens": len(json.dumps(body["system"])) // _CHARACTERS_A_TOKEN,
        "output_tokens": len(text) // _CHARACTERS_A_TOKEN,
    }


def _request_of(body: Mapping[str, Any]) -> Request:
    """The person's words and schema, from between their delimiters."""
    found = _ASKED.search(body["messages"][0]["content"])
    if found is None:
        raise ValueError("The request's first message has no <active_schema> and <request>.")
    active = json.loads(found[1])
    return Request(json.loads(found[2]), Schema.from_json(active) if active else None)


def _content(reply: Mapping[str, Json]) -> dict[str, Json]:
    return {key: reply[key] for key in ("name", "tables", "relationships", "operations")}


def _nobody(percent: int, label: str, detail: Mapping[str, Json] | None = None) -> None:
    """Nobody watches the offline engine here."""
