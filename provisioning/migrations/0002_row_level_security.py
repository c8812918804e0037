"""Forced row-level security of the platform's record of migrations."""

from django.db import migrations

from core.policies import OWN_PROJECT, platform_policies


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0001_initial")]

    operations = [platform_policies("provisioning_migration", OWN_PROJECT)]
