"""Shows the place of a project to who sees the project, without a list of all projects: every request asks for it."""

from django.db import migrations

from core import sql
from core.policies import OWN_PROJECT, SEEN_PROJECT
from core.tenancy import platform_role

_READ = "alter policy members_read on core_placement to {user} using ({read})"


def _reading(condition):
    def run(apps, editor):
        parts = {"user": sql.identifier(platform_role("user")), "read": sql.SQL(condition)}
        editor.execute(sql.text(sql.format(_READ, **parts)), params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_members"),
    ]

    operations = [
        migrations.RunPython(_reading(SEEN_PROJECT), _reading(OWN_PROJECT)),
    ]
