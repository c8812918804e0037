"""Which engine drafts."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from schemas.generation.draft import Engine
from schemas.generation.errors import GenerationError
from schemas.generation.offline import OfflineEngine

ENGINES: Final = ("claude", "offline")


def choose_engine(name: str | None = None) -> Engine:
    """The engine of that name; by default Claude where an API key is set, the offline engine elsewhere.

    Raises:
        GenerationError: when Claude is asked for and no key is set.
    """
    if name == "claude" and not settings.ANTHROPIC_API_KEY:
        raise GenerationError("model_not_set_up", "Claude needs an API key: set ANTHROPIC_API_KEY to use it.")
    if name == "claude" or (name is None and settings.ANTHROPIC_API_KEY):
        from schemas.generation.claude import ClaudeEngine  # noqa: PLC0415 (the SDK takes 0.4 s to import)

        return ClaudeEngine.from_settings()
    return OfflineEngine()
