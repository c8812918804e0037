"""The report of a leak test as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from provisioning.leaktest.report import ATTEMPTS, Report, Result

_WORDS: Final = {"ok": "ok", "shared": "shared", "untested": "?", "leak": "LEAK"}


def as_text(report: Report) -> str:
    """Table by attempt, then what lies around, then every sentence there is to say."""
    lines = [f"{report.project} ({report.schema_name}), version {report.version}, {report.seconds:.1f} s", ""]
    lines += _grid(report)
    lines += ["", *(f"{_words(result):7} {result.target}: {result.attempt}" for result in report.around)]
    lines += _sentences(report)
    return "\n".join([*lines, "", report.summary])


def _grid(report: Report) -> Iterator[str]:
    first = max((len(table) for table in report.tables), default=0)
    widths = [max(len(heading), len("shared")) for heading in ATTEMPTS.values()]
    yield _line("", ATTEMPTS.values(), first, widths)
    for table, results in report.matrix:
        yield _line(table, map(_words, results), first, widths)


def _line(name: str, cells: Iterable[str], first: int, widths: list[int]) -> str:
    padded = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join([f"{name:{first}}", *padded]).rstrip()


def _sentences(report: Report) -> Iterator[str]:
    for heading, results in (("Leaks", report.leaks), ("Not tested", report.untested)):
        if results:
            yield from (
                "",
                f"{heading}:",
                *dict.fromkeys(f"  ! {result.target}: {result.detail}" for result in results),
            )
    if report.lints:
        yield from ("", "In the catalog:")
        yield from (f"  ! {lint.severity} {lint.code}: {lint.detail} {lint.fix}" for lint in report.lints)


def _words(result: Result) -> str:
    return _WORDS[result.outcome]
