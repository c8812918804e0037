"""`manage.py plan PROJECT FILE`: what provisioning a document would do."""

from __future__ import annotations

import json
from typing import Any

from core.models import Project, User
from provisioning.api import plan_json
from provisioning.commands import ProjectCommand, plan_text
from provisioning.service import plan_for


class Command(ProjectCommand):
    """Prints the plan and changes nothing."""

    help = "Shows what provisioning a schema document would change: sentences, risks and SQL. Changes nothing."

    def run(self, user: User, project: Project, document: object, options: dict[str, Any]) -> None:
        """Prints sentences, risks and SQL, or all of it as JSON."""
        prepared = plan_for(project, document)
        self.stdout.write(json.dumps(plan_json(prepared), indent=2) if options["json"] else plan_text(prepared))
