"""What the Messages API refuses in a request, as far as it could happen to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REMOVED = ("temperature", "top_p", "top_k")
_NEEDED = ("model", "max_tokens", "messages")
_NOT_SUPPORTED = {"minLength", "maxLength", "minimum", "maximum", "maxItems", "pattern", "$ref", "oneOf"}


def fault_of(body: Mapping[str, Any]) -> str:
    """Why the request is refused; empty when it is not."""
    for name in _REMOVED:
        if name in body:
            return f"{name}: Extra inputs are not permitted"
    for name in _NEEDED:
        if not body.get(name):
            return f"{name}: Field required"
    if any(not message["content"] for message in body["messages"]):
        return "messages: text content blocks must be non-empty"
    if [message["role"] for message in body["messages"]][-1] != "user":
        return "messages: the conversation must end with a user message"
    form = body.get("output_config", {}).get("format", {})
    return _schema_fault(form["schema"]) if form else ""


def _schema_fault(schema: Mapping[str, Any]) -> str:
    """What structured output would refuse in the schema of the reply."""
    refused = _NOT_SUPPORTED & set(schema)
    if refused:
        return f"output_config.format.schema: '{min(refused)}' is not supported"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return "output_config.format.schema: 'additionalProperties' must be false"
        if set(schema["required"]) != set(schema["properties"]):
            return "output_config.format.schema: too many optional parameters"
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return next((fault for item in inner if (fault := _schema_fault(item))), "")
