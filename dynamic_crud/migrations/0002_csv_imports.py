import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from core.policies import OWN_ROW, platform_policies


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_members"),
        ("dynamic_crud", "0001_list_preferences"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CsvImport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "table",
                    models.CharField(
                        help_text="The table's id in the schema, which outlives its name.", max_length=100
                    ),
                ),
                ("name", models.CharField(help_text="What the file was called.", max_length=200)),
                ("encoding", models.CharField(max_length=20)),
                ("delimiter", models.CharField(max_length=1)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("row_count", models.PositiveIntegerField()),
                ("columns", models.JSONField(help_text="The file's columns, each with its name and first values.")),
                (
                    "matching",
                    models.JSONField(
                        default=list, help_text="For each of them the id of a column of the table, or nothing."
                    ),
                ),
                ("report", models.JSONField(help_text="What the last check found.", null=True)),
                ("result", models.JSONField(help_text="What was imported.", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "project",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.project"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
                "indexes": [models.Index(fields=["user", "project", "-created_at"], name="csv_import_of_a_user")],
            },
        ),
        platform_policies("dynamic_crud_csvimport", OWN_ROW),
    ]
