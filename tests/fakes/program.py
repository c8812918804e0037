"""The fake Messages API for people: it answers with what the offline engine drafts, slowly enough to watch.

`python -m tests.fakes.anthropic --port 8901` prints its address; a command behind `--` is run with it as its service.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress

from tests.fakes.anthropic import API_KEY, Answer, AnthropicServer, Handler, reply
from tests.fakes.designer import designed, usage_of
from vibecrm.processes import dying_with_parent


def main() -> int:
    """The server as a program, until Ctrl-C or until the command that it serves has ended."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.anthropic", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=0, help="where to listen on 127.0.0.1; a free port by default")
    parser.add_argument("--pause", type=float, default=0.03, help="seconds between two pieces of an answer")
    parser.add_argument("command", nargs="*", help="what to run with this server as its AI service")
    arguments = parser.parse_args()
    with AnthropicServer(arguments.port) as server:
        server.script(drafts(pause=arguments.pause))
        print(f"A stand-in for Claude answers at {server.url} (key {API_KEY}).", flush=True)  # noqa: T201 (a program)
        if arguments.command:
            return _run(arguments.command, server.url)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def _run(command: Sequence[str], url: str) -> int:
    """Runs the command on this machine alone; whoever stops us stops it, and we go last."""
    own = {
        "ANTHROPIC_API_KEY": API_KEY, "ANTHROPIC_BASE_URL": url, "AI_REQUESTS_PER_DAY": "1000", "HOST": "127.0.0.1",
    }  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | own, preexec_fn=dying_with_parent(signal.SIGTERM))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else 128 - code


def drafts(chunk: int = 60, pause: float = 0.03) -> Answer:
    """What the offline engine drafts for the request that comes, as Claude would say it."""

    def answer(handler: Handler) -> None:
        text = json.dumps(designed(handler.body), ensure_ascii=False)
        reply(text, usage=usage_of(handler.body, text), chunk=chunk, pause=pause)(handler)

    return answer
