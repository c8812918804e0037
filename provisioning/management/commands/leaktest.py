"""`manage.py leaktest [PROJECT]`: tries whether members reach each other's rows."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from core.commands import find_project, problems_as_errors
from core.errors import Problem
from core.models import Project
from core.tenancy import as_platform
from provisioning.leaktest.report import Report
from provisioning.leaktest.runner import run
from provisioning.leaktest.tables import as_text


class Command(BaseCommand):
    """Prints what was tried and what came of it; leaks end it with exit code 1."""

    help = "Tries as invented people to reach the rows of others, in a transaction of which nothing stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """One project or none."""
        parser.add_argument("project", nargs="?", help="the project's id or name; without it, every project is tested")
        parser.add_argument("--json", action="store_true", help="print JSON instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tests one project in full, or all of them in a line each."""
        with problems_as_errors():
            reports, unknown = _of_one(options["project"]) if options["project"] else _of_all()
        if options["json"]:
            data = [report.to_json() for report in reports] + unknown
            self.stdout.write(json.dumps(data[0] if options["project"] else data, indent=2))
        else:
            self.stdout.write(as_text(reports[0]) if options["project"] else _lines(reports, unknown))
        failed = [report.project for report in reports if not report.passed] + [item["project"] for item in unknown]
        if failed:
            raise CommandError(f"The isolation is not proven: {', '.join(failed)}.")


def _of_one(name: str) -> tuple[list[Report], list[dict[str, Any]]]:
    """The report of the project of that id or name; raises the problem of one that cannot be tested."""
    return [run(find_project(name, None)[1])], []


def _of_all() -> tuple[list[Report], list[dict[str, Any]]]:
    """The reports of all projects that could be tested, and why others could not."""
    reports, unknown = [], []
    for project in _provisioned():
        try:
            reports.append(run(project))
        except (Problem, DatabaseError) as error:
            reason = str(error).partition("\n")[0]
            unknown.append(
                {"project": project.name, "schema_name": project.schema_name, "passed": False, "summary": reason}
            )
    return reports, unknown


def _provisioned() -> list[Project]:
    """Every project of the installation that has tables."""
    with as_platform():
        projects = Project.objects.filter(deleted_at=None, active_config__isnull=False)
        return list(projects.select_related("owner", "active_config", "placement").order_by("name", "pk"))


def _lines(reports: list[Report], unknown: list[dict[str, Any]]) -> str:
    """A line for each project, and under it what is wrong."""
    lines = []
    for report in reports:
        lines.append(f"{report.schema_name}  {report.project}: {report.summary}")
        lines += [f"    LEAK {leak.target}: {leak.detail}" for leak in report.leaks]
        lines += [f"    untested {result.target}: {result.detail}" for result in report.untested]
        lines += [f"    {lint.code}: {lint.detail} {lint.fix}" for lint in report.errors]
    lines += [f"{item['schema_name']}  {item['project']}: not tested. {item['summary']}" for item in unknown]
    return "\n".join(lines or ["No project has tables yet: there is nothing to test."])
