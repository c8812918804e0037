import django.db.models.deletion
from django.db import migrations, models

from core.policies import OWN_PROJECT, platform_policies


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_schema_lock"),
        ("provisioning", "0002_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurgedValues",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_id", models.CharField(max_length=29)),
                ("column_id", models.CharField(blank=True, max_length=29)),
                ("name", models.CharField(max_length=130)),
                ("counted", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("version", models.CharField(max_length=30)),
                ("purged_at", models.DateTimeField()),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="purged_values", to="core.project"
                    ),
                ),
            ],
            options={
                "ordering": ("-purged_at",),
                "indexes": [models.Index(fields=["project", "number"], name="purgedvalues_project_number")],
            },
        ),
        platform_policies("provisioning_purgedvalues", OWN_PROJECT),
    ]
