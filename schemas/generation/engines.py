"""Which engine drafts."""

from __future__ import annotations

from django.conf import settings

from schemas.generation.draft import Engine
from schemas.generation.offline import OfflineEngine


def choose_engine() -> Engine:
    """Claude where an API key is set, the offline engine elsewhere."""
    if settings.ANTHROPIC_API_KEY:
        from schemas.generation.claude import ClaudeEngine  # noqa: PLC0415 (the SDK takes 0.4 s to import)

        return ClaudeEngine.from_settings()
    return OfflineEngine()
