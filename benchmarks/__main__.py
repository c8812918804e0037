"""Runs every benchmark on a throwaway PostgreSQL and prints a table: `make bench`."""

from __future__ import annotations

import os
import sys
import tempfile

import django
from django.conf import settings

from vibecrm import embedded


def main() -> int:
    """Measures and prints. The environment is set here: callers that are processes of their own import this too."""
    os.environ["VIBECRM_HOME"] = tempfile.mkdtemp(prefix="vibecrm-bench-")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "vibecrm.settings", "LOG_LEVEL": "WARNING"}
    os.environ |= {"DATABASE_URL": "", "REDIS_URL": ""}
    django.setup()
    with embedded.Servers(settings.HOME, throwaway=True):
        from django.core.management import call_command
        from django.db import connection

        from benchmarks import exports, generation, offline, provisioning, records, starts, validation
        from vibecrm.demo import make_demo

        call_command("migrate", verbosity=0)
        print(records.HEADER)
        for line in records.report():
            print(line, flush=True)
        demo = make_demo()
        results = [
            *provisioning.results(demo.user),
            *validation.results(),
            *generation.results(),
            *offline.results(),
            *exports.results(),
            *starts.results(),
        ]
        connection.close_pool()
    print(f"\n{'':44}{'floor ms':>10}{'ours ms':>10}{'ratio':>8}{'peak MB':>9}")
    for result in results:
        peak = "" if result.peak_mb is None else f"{result.peak_mb:.0f}"
        print(f"{result.name:44}{result.floor_ms:10.2f}{result.ours_ms:10.2f}{result.ratio:8.1f}{peak:>9}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
