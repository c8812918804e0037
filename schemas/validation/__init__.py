"""Judges a schema document: every problem at once, each with its place, a sentence and a fix.

result = validate(data, parent=active_schema)
if result.schema is None:
    raise InvalidSchema("...", errors=[problem.to_json() for problem in result.errors])
"""

from __future__ import annotations

import re
from typing import Final

from schemas import limits
from schemas.document import Json, Schema
from schemas.normalise import normalise_with_origins
from schemas.problems import Code, Problem, Validation
from schemas.validation.columns import check_columns, check_required_cycles
from schemas.validation.intake import check_intake, read_json, without_faults
from schemas.validation.naming import check_names
from schemas.validation.outline import mended_version, read_outline
from schemas.validation.places import as_written
from schemas.validation.report import MAX_PROBLEMS, Report
from schemas.validation.tables import advise, check_tables
from schemas.validation.texts import check_texts

__all__ = ["Code", "Problem", "Validation", "validate", "validate_text"]

VERSION: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}\Z")


def validate(data: Json, parent: Schema | None = None) -> Validation:
    """Normalises a schema document and judges it. Never raises, whatever the document holds.

    Args:
        data: what `json.loads` made of a document.
        parent: the version that the document follows; what has the same name there keeps its id.

    Returns:
        The schema, unless there are errors, and every problem, errors first.
    """
    intake = Report()
    if not check_intake(data, intake):
        return Validation(None, tuple(intake.problems))
    given = without_faults(data) if intake.problems else data
    normalised = normalise_with_origins(given, parent)
    report = Report()
    _check_document(normalised.data, report)
    faulty = {problem.path for problem in intake.problems}
    found = (
        problem.moved(lambda path: as_written(given, normalised.original_path(path))) for problem in report.problems
    )
    problems = [*intake.problems, *(problem for problem in found if problem.path not in faulty)][:MAX_PROBLEMS]
    problems.sort(key=lambda problem: problem.severity)
    usable = not intake.has_errors and not report.has_errors
    return Validation(Schema.from_json(normalised.data) if usable else None, tuple(problems))


def validate_text(text: str | bytes, parent: Schema | None = None) -> Validation:
    """As `validate`, for a document that is still JSON text."""
    report = Report()
    data = read_json(text, report)
    return Validation(None, tuple(report.problems)) if report.problems else validate(data, parent)


def _check_document(document: Json, report: Report) -> None:
    tables = read_outline(document, report)
    if not isinstance(document, dict):
        return
    version = document.get("version")
    if isinstance(version, str) and not VERSION.match(version):
        detail = "A version has to be three numbers with points between them."
        fix = 'Write a version such as "1.0.0", or leave it out.'
        report.error(Code.INVALID_VERSION, "$.version", detail, fix, mended_version(version))
    check_names(tables, report)
    check_texts(document, tables, report)
    check_tables(tables, document.get("tables"), report)
    check_columns(tables, report)
    if len(tables) <= limits.max_tables():
        check_required_cycles(tables, report)
    advise(tables, report)
