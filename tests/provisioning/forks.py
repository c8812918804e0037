"""Workers that can be killed: a process that has the product loaded and forks one for each order it gets.

Run as a program it reads orders as JSON lines, and answers each with the list of what became of its workers. An order:

    works: ids of jobs, or of migrations for `deliver`, one worker each, all of which start at once
    deliver: whether a worker applies the migration at once, as if the broker had delivered it twice
    kill_before: the statement, counted from 0, before which a worker kills itself; none where it is null. Then each
        statement of a plan is sent by itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

Report = dict[str, Any]


class Forks:
    """The process, seen from a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def order(self, *works: UUID, deliver: bool = False, kill_before: int | None = None) -> None:
        """Starts one worker for each."""
        line = {"works": [str(work) for work in works], "deliver": deliver, "kill_before": kill_before}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def answer(self) -> list[Report]:
        """Waits for the workers of the last order."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def run(self, *works: UUID, **options: Any) -> list[Report]:
        """Both."""
        self.order(*works, **options)
        return self.answer()


@contextmanager
def forks() -> Iterator[Forks]:
    """The process, for as long as the block runs."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "vibecrm.settings", "LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Forks(process)
        finally:
            process.stdin.close()


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        order = json.loads(line)
        gate, opened = os.pipe()
        workers = [_fork(order, i, gate, opened) for i in range(len(order["works"]))]
        os.close(gate)
        os.close(opened)  # now all of them start
        sys.stdout.write(json.dumps([_report(*worker) for worker in workers]) + "\n")
        sys.stdout.flush()


def _fork(order: dict[str, Any], i: int, gate: int, opened: int) -> tuple[int, int]:
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    os.close(opened)
    os.read(gate, 1)
    try:
        os.write(write, json.dumps(_work(order, UUID(order["works"][i]))).encode())
    finally:
        os._exit(0)


def _work(order: dict[str, Any], work: UUID) -> Report:
    from django.db import connection

    from core import jobs
    from core.errors import Problem
    from core.models import Job
    from core.tenancy import as_platform
    from provisioning import executor, running
    from provisioning.models import Migration

    report: Report = {"statements": 0, "created": 0}

    def watch(execute: Any, statement: str, *arguments: Any) -> Any:
        if report["statements"] == order["kill_before"]:
            os.kill(os.getpid(), signal.SIGKILL)
        report["statements"] += 1
        report["created"] += "create table " in statement
        return execute(statement, *arguments)

    if order["kill_before"] is not None:
        running._BATCH = 1
    with connection.execute_wrapper(watch):
        if not order["deliver"]:
            jobs.run(work)
            with as_platform():
                job = Job.objects.get(pk=work)
            return report | {"status": job.status, "problem": (job.error or {}).get("code")}
        with as_platform():
            job = Job.objects.get(payload__migration_id=str(work))
            assert Migration.objects.filter(pk=work).exists()
        try:
            return report | {"result": executor.execute(work, jobs.JobContext(job)), **report}
        except Problem as problem:
            return report | {"problem": problem.code}


def _report(pid: int, read: int) -> Report:
    with os.fdopen(read) as stream:
        text = stream.read()
    _, status = os.waitpid(pid, 0)
    return (json.loads(text) if text else {}) | {"killed": os.WIFSIGNALED(status)}


if __name__ == "__main__":
    main()
