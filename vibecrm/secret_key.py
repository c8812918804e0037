"""The key that signs sessions and tokens, kept in the home folder when the environment names none."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def stored_secret_key(home: Path) -> str:
    """The key of this installation, made on first use. Two processes that make it at once end with the same one."""
    file = home / "secret_key"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)  # atomic, and refuses to replace a key that came first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()
