"""Schema locks that say what they are for, that work holds beside its user, and that PostgreSQL lets nobody steal.

Locks last minutes, so their table is made anew instead of altered: those of the moment are given up.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core import sql
from core.policies import OWN_PROJECT, platform_policies
from core.tenancy import platform_role

_OWN_LOCK = "holder_id = (select auth.uid()) and " + OWN_PROJECT
_OWNER = "project_id in (select id from core_project where owner_id = (select auth.uid()))"

_STRICTER_LOCKS = """
drop policy members on core_schemalock;
create policy members_see on core_schemalock for select to {user} using ({own_project});
create policy holder_takes on core_schemalock for insert to {user} with check ({own_lock});
create policy holder_extends on core_schemalock for update to {user} using ({own_lock}) with check ({own_lock});
create policy holder_releases on core_schemalock for delete to {user}
    using ({own_lock} or ({own_project} and expires_at <= statement_timestamp()));
"""

_ANY_MEMBER_LOCKS = "create policy members on core_schemalock to {user} using ({own_project})"

_STRICTER_FREEZES = """
drop policy members on core_schemafreeze;
create policy members_see on core_schemafreeze for select to {user} using ({own_project});
create policy owner_freezes on core_schemafreeze for insert to {user} with check ({owner});
create policy owner_rewords on core_schemafreeze for update to {user} using ({owner}) with check ({owner});
create policy owner_unfreezes on core_schemafreeze for delete to {user} using ({owner});
"""

_ANY_MEMBER_FREEZES = "create policy members on core_schemafreeze to {user} using ({own_project})"


def _policies(forwards, backwards):
    def run(editor, template):
        parts = {
            "user": sql.identifier(platform_role("user")),
            "own_project": sql.SQL(OWN_PROJECT),
            "own_lock": sql.SQL(_OWN_LOCK),
            "owner": sql.SQL(_OWNER),
        }
        editor.execute(sql.text(sql.format(template, **parts)), params=None)

    return migrations.RunPython(lambda apps, editor: run(editor, forwards), lambda apps, editor: run(editor, backwards))


def _undone(operation):
    return migrations.RunPython(operation.reverse_code, operation.code)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_drafts"),
    ]

    operations = [
        _undone(platform_policies("core_schemalock", OWN_PROJECT)),
        migrations.DeleteModel("SchemaLock"),
        migrations.CreateModel(
            name="SchemaLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("work", models.UUIDField(null=True)),
                ("purpose", models.CharField(default="editing", max_length=200)),
                ("acquired_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schema_locks", to="core.project"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "work"), name="schemalock_work_once", nulls_distinct=False
                    )
                ],
            },
        ),
        platform_policies("core_schemalock", OWN_PROJECT),
        _policies(_STRICTER_LOCKS, _ANY_MEMBER_LOCKS),
        migrations.CreateModel(
            name="SchemaFreeze",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="schema_freeze",
                        serialize=False,
                        to="core.project",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("frozen_at", models.DateTimeField()),
                (
                    "frozen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        platform_policies("core_schemafreeze", OWN_PROJECT),
        _policies(_STRICTER_FREEZES, _ANY_MEMBER_FREEZES),
    ]
