"""Judges a schema document: every problem at once, each with its place, a sentence and a fix.

result = validate(data, parent=active_schema)
if result.schema is None:
    raise InvalidSchema("...", errors=[problem.to_json() for problem in result.errors])
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from schemas import limits
from schemas.document import Json, Schema
from schemas.normalise import normalise_with_origins
from schemas.problems import Code, Problem, Validation
from schemas.validation.columns import check_columns, check_required_cycles
from schemas.validation.intake import check_intake, read_json
from schemas.validation.naming import check_names
from schemas.validation.outline import read_outline
from schemas.validation.report import Report
from schemas.validation.tables import advise, check_tables

__all__ = ["Code", "Problem", "Validation", "validate", "validate_text"]

_VERSION: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}\Z")


def validate(data: Json, parent: Schema | None = None) -> Validation:
    """Normalises a schema document and judges it. Never raises, whatever the document holds.

    Args:
        data: what `json.loads` made of a document.
        parent: the version that the document follows; what has the same name there keeps its id.

    Returns:
        The schema, unless there are errors, and every problem, errors first.
    """
    report = Report()
    if not check_intake(data, report):
        return Validation(None, tuple(report.problems))
    normalised = normalise_with_origins(data, parent)
    document = normalised.data
    _check_document(document, report)
    problems = [replace(problem, path=normalised.original_path(problem.path)) for problem in report.problems]
    problems.sort(key=lambda problem: problem.severity)
    return Validation(None if report.has_errors else Schema.from_json(document), tuple(problems))


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
    if isinstance(version, str) and not _VERSION.match(version):
        detail = "A version has to be three numbers with points between them."
        report.error(Code.INVALID_VERSION, "$.version", detail, 'Write a version such as "1.0.0", or leave it out.')
    check_names(document, tables, report)
    check_tables(tables, document.get("tables"), report)
    check_columns(tables, report)
    if len(tables) <= limits.max_tables():
        check_required_cycles(tables, report)
    advise(tables, report)
