#!/usr/bin/env python
"""Django's command line, with the embedded servers attached or started for the command's own duration."""

from __future__ import annotations

import os
import sys

WITHOUT_SERVERS = {"help", "version", "check", "validate"}


def main() -> int:
    """Runs the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibecrm.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        print("Django is not installed here. Run `make setup`, then use .venv/bin/python.", file=sys.stderr)
        return 1
    from vibecrm import embedded

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_SERVERS or "--help" in sys.argv or "-h" in sys.argv:
        execute_from_command_line(sys.argv)
        return 0
    try:
        with embedded.servers():
            execute_from_command_line(sys.argv)
    except embedded.EmbeddedServerError as error:
        print(f"VibeCRM cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
