"""What a decision started from, what the engine answered word for word, and whether the user took it back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_stored_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="decisiontrace",
            name="base",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="refinements",
                to="core.decisiontrace",
            ),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="parent",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="core.vibeconfig"
            ),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="draft",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="rounds",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="cached_tokens",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="prompt_version",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="decisiontrace",
            name="request_id",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
