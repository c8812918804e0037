"""`manage.py plan PROJECT FILE`: what provisioning a document would do."""

from __future__ import annotations

import json
from typing import Any

from core.models import Project, User
from provisioning.api import plan_json
from provisioning.commands import ProjectCommand
from provisioning.service import plan_for
from provisioning.statements import Plan


class Command(ProjectCommand):
    """Prints the plan and changes nothing."""

    help = "Shows what provisioning a schema document would change: sentences, risks and SQL. Changes nothing."

    def run(self, user: User, project: Project, document: object, options: dict[str, Any]) -> None:
        """Prints sentences, risks and SQL, or all of it as JSON."""
        plan = plan_for(project, document)
        self.stdout.write(json.dumps(plan_json(plan), indent=2) if options["json"] else _text(plan))


def _text(plan: Plan) -> str:
    if plan.changes_nothing:
        return "The document is the active version already: there is nothing to do."
    lines = [f"Version {plan.version}, {len(plan.statements)} statements:", ""]
    lines += [f"  - {change}" for change in plan.changes]
    if plan.risks:
        lines += ["", "Risks:", *(f"  ! {risk.code}: {risk.detail} {risk.fix}" for risk in plan.risks)]
    return "\n".join([*lines, "", plan.sql])
