"""The demo is made once, and made again when it is not whole; what somebody made of it stays."""

from __future__ import annotations

from django.core.management import call_command

from core.permissions import access_project
from tests.provisioning.acts import provision, query
from tests.provisioning.documents import column, document, table
from vibecrm.demo import make_demo


def test_a_demo_that_somebody_changed_is_left_alone(database: None) -> None:
    demo = make_demo()
    assert demo.created
    assert demo.records > 0
    query(demo.project, demo.user.pk, "owner", "delete from showings")
    assert make_demo().records < demo.records
    provision(demo.user, demo.project, document(table("mine", column("a"))), confirm_destructive=True)
    call_command("demo", "--quiet")
    assert not make_demo().created
    project = access_project(demo.user, demo.project.pk)
    assert [each["name"] for each in project.active_config.document["tables"]] == ["mine"]
