"""Plans are read by all members of a project, and made by those who may change its tables."""

from django.db import migrations

from core.policies import ADMINS_PROJECT, OWN_PROJECT, policies_by_role


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0003_purged_values"),
        ("core", "0006_members"),
    ]

    operations = [
        policies_by_role("provisioning_migration", read=OWN_PROJECT, write=ADMINS_PROJECT),
        policies_by_role("provisioning_purgedvalues", read=OWN_PROJECT, write=ADMINS_PROJECT),
    ]
