"""A message of the Messages API that arrives in events: its text, why it ended, what it cost, and its tables so far."""

from __future__ import annotations

from typing import Any, Final

from schemas.generation.json_text import clean_text
from schemas.generation.streamed_tables import StreamedTables

MAX_CHARACTERS: Final = 2_000_000
"""More than any model writes: 128,000 tokens are some 500,000 characters."""
_MOST_TOKENS: Final = 10_000_000
"""Ten times what a model reads at once; the counts of all calls of a decision together are still small integers."""
_MOST_REQUEST_ID: Final = 80


class Interrupted(Exception):
    """The stream ended, or went on and on, without the end of the message."""


class StreamedMessage:
    """Takes the events in turn. Whatever an endpoint leaves out or makes up, the numbers are numbers.

    The SDK would put the message together too, but copies what there is with every piece that comes.
    """

    def __init__(self) -> None:
        self.request_id = ""
        self.stop_reason = ""
        self.explanation = ""
        self.fresh_tokens = self.stored_tokens = self.cached_tokens = self.written_tokens = 0
        self.tables = StreamedTables()
        self._pieces: list[str] = []
        self._size = 0
        self._is_over = False

    @property
    def text(self) -> str:
        """What the model said, without its thoughts."""
        return clean_text("".join(self._pieces))

    def begin(self, headers: Any) -> None:
        """Takes what the response's headers tell."""
        self.request_id = clean_text(str(headers.get("request-id") or ""))[:_MOST_REQUEST_ID]

    def take(self, event: Any) -> bool:
        """Takes an event; says whether there is a new table. Raises `Interrupted` when there is no end to it."""
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            return self._take_text(event.delta.text or "")
        if event.type == "message_start":
            self._count(event.message.usage)
        elif event.type == "message_delta":
            self.stop_reason = str(event.delta.stop_reason or "")
            self.explanation = str(getattr(event.delta.stop_details, "explanation", None) or "")
            self._count(event.usage)
            # What `message_start` tells of the output is a beginning, so only this is counted.
            self.written_tokens = _tokens(event.usage, "output_tokens", 0)
        elif event.type == "message_stop":
            self._is_over = True
        return False

    def end(self) -> None:
        """Raises `Interrupted` when the events are over and the message is not."""
        if not self._is_over or not self.stop_reason:
            raise Interrupted("no end")

    def _take_text(self, piece: str) -> bool:
        self._size += len(piece)
        if self._size > MAX_CHARACTERS:
            raise Interrupted("too long")
        self._pieces.append(piece)
        return self.tables.feed(piece)

    def _count(self, usage: Any) -> None:
        """The counts so far; what an event leaves out keeps its number."""
        self.fresh_tokens = _tokens(usage, "input_tokens", self.fresh_tokens)
        self.stored_tokens = _tokens(usage, "cache_creation_input_tokens", self.stored_tokens)
        self.cached_tokens = _tokens(usage, "cache_read_input_tokens", self.cached_tokens)


def _tokens(usage: Any, name: str, known: int) -> int:
    count = getattr(usage, name, None)
    return min(max(count, 0), _MOST_TOKENS) if isinstance(count, int) else known
