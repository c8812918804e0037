"""From a sentence to a schema: one pipeline, with Claude or the offline engine as the designer."""

from __future__ import annotations

from schemas.generation.draft import Generation, Usage
from schemas.generation.errors import GenerationError
from schemas.generation.pipeline import generate

__all__ = ["Generation", "GenerationError", "Usage", "generate"]
