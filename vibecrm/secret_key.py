"""The key that signs sessions and tokens, kept in the home folder when the environment names none."""

from __future__ import annotations

import secrets
from pathlib import Path

from vibecrm.private_files import first_written


def stored_secret_key(home: Path) -> str:
    """The key of this installation, made on first use. Two processes that make it at once end with the same one."""
    home.mkdir(parents=True, exist_ok=True)
    return first_written(home / "secret_key", lambda: secrets.token_urlsafe(48)).strip()
