from __future__ import annotations

import keyword

import pytest
from django import forms
from django.db import models
from django.test import Client
from django.urls import reverse
from django_filters import FilterSet
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from core.models import User
from dynamic_crud.listing import PARAMETERS
from schemas.names import (
    humanise,
    is_certain,
    is_name,
    model_name,
    plural,
    proposed_name,
    relation_column_name,
    relation_field_name,
    reserved_as_column,
    reserved_as_table,
    singular,
    slug,
)
from tests.conftest import client_of
from tests.dynamic_crud.conftest import RecordsClient, provisioned


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("agent", "agents"),
        ("property", "properties"),
        ("Real estate agency", "Real estate agencies"),
        ("invoice_item", "invoice_items"),
        ("person", "people"),
        ("status", "statuses"),
        ("address", "addresses"),
        ("staff", "staff"),
        ("bonus", "bonuses"),
        ("tax", "taxes"),
        ("criterion", "criteria"),
        ("class", "classes"),
    ],
)
def test_singular_and_plural(one: str, many: str) -> None:
    assert plural(one) == plural(many) == many
    assert singular(many) == singular(one) == one


@pytest.mark.parametrize("name", ["a", "due_date", "a1_b2", "a" * 63])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "_a", "a_", "a__b", "ä", "a b", "a\n", "a" * 64, None, 5])
def test_other_things_are_no_names(name: object) -> None:
    assert not is_name(name)


@given(st.text(max_size=300))
def test_a_slug_is_a_name(words: str) -> None:
    assert is_name(slug(words))


@pytest.mark.parametrize(
    ("given_name", "name", "certain"),
    [
        ("Due Date!", "due_date", True),
        ("dueDate", "due_date", True),
        ("VATRate", "vat_rate", True),
        ("a__b_", "a_b", True),
        ("Größe", "grosse", True),
        ("Gro\u0308ße", "grosse", True),
        ("st\u0430tus", "status", True),
        ("\uff33tatus\u200b", "status", True),
        ("Łódź", "lodz", True),
        ("Статус", "n", False),
        ("Статус2", "n_2", False),  # noqa: RUF001
        ("2nd", "n_2nd", False),
        ("€", "n", False),
        ("x" * 64, "x" * 63, False),
    ],
)
def test_a_proposed_name_says_whether_anything_was_lost(given_name: str, name: str, certain: bool) -> None:
    assert proposed_name(given_name) == name
    assert is_certain(given_name, name) is certain


@pytest.mark.parametrize(
    "name", ["ctid", "xmin", "class", "from", "self", "save", "pk", "objects", "clean", "full_clean", "from_db"]
)
def test_names_that_would_break_a_table_or_a_record_are_reserved(name: str) -> None:
    assert reserved_as_column(name)


@pytest.mark.parametrize(
    "name",
    [
        "order",
        "user",
        "select",
        "count",
        "page",
        "name",
        "type",
        "data",
        "format",
        "match",
        "delete",
        "check",
        "errors",
    ],
)
def test_ordinary_words_and_keywords_of_sql_are_not(name: str) -> None:
    assert not reserved_as_column(name)
    assert not reserved_as_table(name)


def test_tables_of_postgresql_are_reserved() -> None:
    assert reserved_as_table("pg_class")


def test_names_of_relations_and_models() -> None:
    assert relation_field_name("agent_id") == "agent"
    assert relation_column_name("agent") == relation_column_name("agent_id") == "agent_id"
    assert model_name("real_estate_agents") == "RealEstateAgents"
    assert humanise("agent_id") == "Agent"
    assert humanise("due_date") == "Due date"


NEIGHBOURS = (models.Model, models.QuerySet, forms.ModelForm, serializers.ModelSerializer, FilterSet, dict, list, str)
WORDS = {
    *PARAMETERS, *keyword.softkwlist, "csrfmiddlewaretoken", "current_user", "cursor", "data", "db", "door", "errors",
    "fields", "files", "form", "format", "forloop", "initial_data", "instance", "kwargs", "label", "messages", "new",
    "next", "null", "owner", "partial", "previous", "project", "queryset", "record", "records", "request", "resource",
    "results", "row", "table", "tables", "title", "today", "using", "validated_data", "value", "view",
}  # fmt: skip


def free_names() -> list[str]:
    """Names that mean something to what handles records, and are not reserved all the same."""
    found = {name for neighbour in NEIGHBOURS for name in dir(neighbour)} | WORDS
    return sorted(name for name in found if is_name(name) and not reserved_as_column(name))


def test_a_name_that_is_not_reserved_works(settings, user: User) -> None:
    settings.SCHEMA_MAX_COLUMNS = 1000
    names = free_names()
    assert len(names) > 200
    columns = [{"name": name, "type": "text"} for name in names]
    hints = {"title_column": names[0], "list_columns": names}
    document = {"name": "App", "tables": [{"name": "things", "columns": columns, "ui_hints": hints}]}
    things = RecordsClient(client_of(user), provisioned(user, document))
    browser = Client()
    browser.force_login(user)

    def page(name: str, *arguments: object) -> str:
        return reverse(name, args=[things.project.pk, "things", *arguments])

    values = {name: f"{name} 1" for name in names}
    response = things.create("things", values)
    assert response.status_code == 201
    made = response.json()
    assert {name: made[name] for name in names} == values
    assert things.list("things", **{f"{name}__exact": f"{name} 1" for name in names[:100]}).json()["count"] == 1
    assert things.list("things", **{f"{name}__exact": f"{name} 1" for name in names[100:]}).json()["count"] == 1
    assert things.list("things", ordering=",".join(names[:50])).status_code == 200
    changed = {name: f"{name} 2" for name in names}
    assert things.change("things", made["id"], changed).json() | changed == things.get("things", made["id"]).json()
    for address in (page("record-list"), page("record-detail", made["id"]), page("record-edit", made["id"])):
        shown = browser.get(address).content.decode()
        assert [name for name in names if f"{name} 2" not in shown] == []
    edited = browser.post(page("record-edit", made["id"]), {name: f"{name} 3" for name in names})
    assert edited.status_code == 302
    stored = things.get("things", made["id"]).json()
    assert [name for name in names if stored[name] != f"{name} 3"] == []
    assert browser.post(page("record-create"), values).status_code == 302
    assert things.list("things").json()["count"] == 2
    assert things.delete("things", made["id"]).status_code == 204
