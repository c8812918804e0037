"""The engine that needs no model, no network and no key: a small grammar, a lexicon and the bundled blueprints."""

from __future__ import annotations

from schemas.generation.offline.engine import OfflineEngine

__all__ = ["OfflineEngine"]
