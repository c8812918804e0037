import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from core.policies import OWN_ROW, platform_policies


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0002_row_level_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListPreference",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "table",
                    models.CharField(
                        help_text="The table's id in the schema, which outlives its name.", max_length=100
                    ),
                ),
                ("columns", models.JSONField(default=list, help_text="The ids of the columns.")),
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
                "constraints": [
                    models.UniqueConstraint(fields=("user", "project", "table"), name="list_preference_of_a_user")
                ],
            },
        ),
        platform_policies("dynamic_crud_listpreference", OWN_ROW),
    ]
