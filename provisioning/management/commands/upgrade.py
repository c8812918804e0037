"""`manage.py upgrade`: what a new release adds to the tables of every project. Run it after `migrate`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from provisioning.upgrading import bring_up_all


class Command(BaseCommand):
    """Prints how many projects were changed; one that could not be is told, and follows with its next version."""

    help = "Gives the tables of every project what this release adds to them. May run any number of times."

    def handle(self, *args: Any, **options: Any) -> None:
        """Upgrades all projects."""
        changed, left = bring_up_all()
        self.stdout.write(f"{changed} project{'' if changed == 1 else 's'} upgraded.")
        for sentence in left:
            self.stdout.write(f"Left for its next version: {sentence}")
