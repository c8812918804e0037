from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    """Who may see and change what. Undone, tables stay shut: nobody sees more for it."""

    dependencies = [
        ("records", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text("utf-8"), migrations.RunSQL.noop
        ),
    ]
