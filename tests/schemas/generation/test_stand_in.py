"""The stand-in for Claude that people try the product with: it drafts what the offline engine drafts, streamed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from schemas.generation.claude import ClaudeEngine
from schemas.generation.offline import OfflineEngine
from tests.conftest import ROOT
from tests.fakes.anthropic import API_KEY, AnthropicServer
from tests.fakes.program import drafts
from tests.schemas.generation.replies import REAL_ESTATE, ask

PROGRAM = [sys.executable, "-m", "tests.fakes.anthropic", "--pause", "0", "--", sys.executable, "-c"]


@pytest.mark.parametrize(
    "prompt",
    [
        "A CRM for real estate agents with properties, agents and showings",
        "A clinic with patients, doctors and appointments",
        "hello",
    ],
)
def test_a_prompt_is_answered_as_offline(engine: ClaudeEngine, service: AnthropicServer, prompt: str) -> None:
    service.script(drafts(pause=0))

    streamed, offline = ask(engine, prompt), ask(OfflineEngine(), prompt)

    assert (streamed.outcome, streamed.intent, streamed.message) == (offline.outcome, offline.intent, offline.message)
    assert streamed.changes == offline.changes
    assert streamed.engine == "claude"


@pytest.mark.parametrize(
    "prompt",
    ["Add a fax number to agents", "Rename showings to viewings", "Link offers to agents", "Make city optional"],
)
def test_a_change_is_answered_as_offline(engine: ClaudeEngine, service: AnthropicServer, prompt: str) -> None:
    service.script(drafts(pause=0))

    streamed, offline = ask(engine, prompt, REAL_ESTATE), ask(OfflineEngine(), prompt, REAL_ESTATE)

    assert offline.schema is not None
    assert streamed.schema == offline.schema


def test_a_command_gets_the_service_and_serves_this_machine_alone() -> None:
    code = "import os; print(*(os.environ[name] for name in ('ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'HOST')))"
    run = subprocess.run(
        [*PROGRAM, code], cwd=ROOT, env=os.environ | {"HOST": "192.0.2.1"}, capture_output=True, text=True, timeout=60
    )

    said, told = run.stdout.splitlines()
    key, url, host = told.split()
    assert (run.returncode, key, host) == (0, API_KEY, "127.0.0.1")
    assert url.startswith("http://127.0.0.1:")
    assert url in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_stops_the_command(number: signal.Signals) -> None:
    heard = "signal.signal(signal.SIGINT, signal.SIG_DFL)"  # a shell's background job, such as this run, ignores it
    code = f"import os, signal, time; {heard}; print(os.getpid(), flush=True); time.sleep(60)"
    with subprocess.Popen(
        [*PROGRAM, code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        child = int(run.stdout.readline())
        run.send_signal(number)
        run.wait(20)

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
