"""What there is to say about a project's schema lock: who has it, for how long, and whether the tables are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.errors import Conflict

UNSAID: Final = "editing"
"""What a lock is for when its holder does not say."""


@dataclass(frozen=True, slots=True)
class LockStatus:
    """Who may change a project's tables, as one user sees it.

    Args:
        is_mine: whether that user holds the lock.
        is_work: whether work of the holder has it, not only the holder's hand.
        may_freeze: whether that user is the owner, who alone freezes the tables.
        holder_id: who holds the lock; None when nobody does, and then nothing is said of it.
        holder: the holder's name.
        purpose: what the holder does.
        acquired_at: since when.
        expires_at: when it is free at the latest, unless the holder extends it.
        seconds_left: until then, by PostgreSQL's clock.
        frozen_at: since when the tables are frozen; None when they are not, and then nothing is said of it.
        frozen_by: the name of who froze them.
        reason: why, in the owner's words.
    """

    is_mine: bool = False
    is_work: bool = False
    may_freeze: bool = False
    holder_id: UUID | None = None
    holder: str | None = None
    purpose: str | None = None
    acquired_at: datetime | None = None
    expires_at: datetime | None = None
    seconds_left: int | None = None
    frozen_at: datetime | None = None
    frozen_by: str | None = None
    reason: str | None = None

    @property
    def locked(self) -> bool:
        """Whether anybody holds the lock."""
        return self.holder_id is not None

    @property
    def frozen(self) -> bool:
        """Whether the owner has frozen the tables."""
        return self.frozen_at is not None

    @property
    def blocks(self) -> bool:
        """Whether the user cannot change the tables now."""
        return self.frozen or (self.locked and not self.is_mine)

    @property
    def sentence(self) -> str:
        """Why nobody else can change the tables, in a sentence without its full stop; empty when everybody can."""
        if self.frozen:
            return f"The tables are frozen: {self.reason}" if self.reason else "The tables are frozen"
        if not self.locked:
            return ""
        who = "You are" if self.is_mine else f"{self.holder} is"
        return f"{who} changing the tables" + ("" if self.purpose == UNSAID else f" ({self.purpose})")

    @property
    def time_left(self) -> str:
        """How long the lock lasts, in minutes and seconds: `4:12`."""
        minutes, seconds = divmod(max(self.seconds_left or 0, 0), 60)
        return f"{minutes}:{seconds:02}"

    def refusal(self) -> Conflict:
        """The problem for a user whom it keeps from changing the tables."""
        if self.frozen:
            who_can = "You can unfreeze" if self.may_freeze else f"Ask {self.frozen_by} to unfreeze"
            told = {"reason": self.reason, "frozen_by": self.frozen_by, "frozen_at": _json_time(self.frozen_at)}
            detail = f"{self.sentence.rstrip('.')}. {who_can} them on the settings page of the project."
            return Conflict(detail, code="schema_frozen", members=told)
        until = f"{self.expires_at:%H:%M:%S} UTC"
        told = {"holder": self.holder, "purpose": self.purpose, "expires_at": _json_time(self.expires_at)}
        detail = f"{self.sentence}, until {until} unless that takes longer. Try again then."
        return Conflict(detail, code="schema_locked", retry_after=self.seconds_left, members=told)


def _json_time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
