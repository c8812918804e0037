"""Schemas from words without a model, against the validation that every draft has to pass anyway."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from benchmarks.measure import Result, compare
from schemas.generation import generate
from schemas.generation.offline import OfflineEngine
from schemas.validation import validate_text

PROMPT: Final = (
    "I run a sailing school and want a system with students, boats, instructors, courses, lessons, certificates and "
    "invoices. Students have a name, a date of birth, an email (required, unique), a phone number, a level (beginner, "
    "intermediate, advanced) and notes. Boats have a name, a length, a sail area, a year built, photos and a status: "
    "available, in repair, sold. Instructors have a full name, an email, a phone number, an hourly rate and languages "
    "(several of: English, French, German). Courses have a title, a rich text description, a price in EUR, a capacity, "
    "a start date and an end date. Each lesson belongs to a course, a boat and an instructor, and has a start time, a "
    "duration and a rating out of 5. Students can take many courses. Certificates have a title, an issue date and a "
    "scan, and belong to a student. Invoices have an invoice number, an amount, a due date and is paid, linked to a "
    "student. Instructors report to another instructor. "
)
"""About a thousand characters: seven tables, 34 columns, 8 relations."""
ROUNDS: Final = 20
FRESH_PROCESSES: Final = 5
MOST_FRESH_MS: Final = 150
MOST_FRESH_MB: Final = 60

# What a process inherits of its parent's memory counts for getrusage, not for the kernel's own high-water mark.
_FRESH: Final = """
import re, sys, time
from pathlib import Path
import django
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
django.setup()
before = peak()
prompt = sys.stdin.read()
start = time.process_time()
{work}
took = time.process_time() - start
print(took * 1000, (peak() - before) * 1024 / 1e6)
"""
_CREATE: Final = """
from schemas.generation import generate
from schemas.generation.offline import OfflineEngine
assert generate(prompt, engine=OfflineEngine()).schema is not None
"""
_VALIDATE: Final = """
from schemas.validation import validate_text
assert validate_text(prompt.encode()).valid
"""


def results() -> Iterator[Result]:
    """A long prompt again and again, and the first of a process that has just started."""
    engine = OfflineEngine()
    schema = generate(PROMPT, engine=engine).schema
    assert schema is not None
    text = json.dumps(schema.to_json())
    yield compare(
        f"offline: {len(schema.tables)} tables of words",
        lambda: validate_text(text.encode()),
        lambda: generate(PROMPT, engine=engine),
        ROUNDS,
    )
    floor_ms, _ = _fresh(_VALIDATE, text)
    ours_ms, peak_mb = _fresh(_CREATE, PROMPT)
    assert ours_ms < MOST_FRESH_MS, f"The first draft of a process took {ours_ms:.0f} ms."
    assert peak_mb < MOST_FRESH_MB, f"The first draft of a process took {peak_mb:.0f} MB."
    yield Result("offline: first of a fresh process", floor_ms, ours_ms, peak_mb)


def _fresh(work: str, given: str) -> tuple[float, float]:
    """Milliseconds and megabytes that the work takes in processes that did nothing but Django's set-up.

    What the work imports counts. The time is the processor's, for the work waits for nothing, and the least of all
    processes: whatever else the machine does only adds to it. The memory is the most that was resident, beyond what
    it was after the set-up.
    """
    taken = [_in_a_process(work, given) for _ in range(FRESH_PROCESSES)]
    return min(milliseconds for milliseconds, _ in taken), max(megabytes for _, megabytes in taken)


def _in_a_process(work: str, given: str) -> tuple[float, float]:
    program = _FRESH.format(work=work)
    done = subprocess.run([sys.executable, "-c", program], input=given, capture_output=True, text=True, check=True)
    milliseconds, megabytes = done.stdout.split()
    return float(milliseconds), float(megabytes)
