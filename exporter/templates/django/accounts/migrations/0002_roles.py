from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    """The roles that people act as. They stay when this is undone: other tables may name them."""

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            Path(__file__).with_suffix(".sql").read_text("utf-8"), migrations.RunSQL.noop
        ),
    ]
