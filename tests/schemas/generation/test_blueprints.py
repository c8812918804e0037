"""The bundled documents."""

import pytest

from schemas.blueprints import Blueprint, blueprint, blueprints
from schemas.validation import validate


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_a_blueprint_is_valid_and_complete(item: Blueprint) -> None:
    validation = validate(item.document.to_json())

    assert validation.problems == ()
    assert validation.schema == item.document
    for table in item.document:
        names = {column.name for column in table.columns}
        assert table.description
        assert table.ui_hints.icon
        assert table.ui_hints.title_column in names
        assert table.ui_hints.default_sort
        assert len(table.ui_hints.list_columns) >= 3
        assert set(table.ui_hints.list_columns) <= names | {"created_at"}


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_aliases_and_stand_ins_speak_of_what_is_there(item: Blueprint) -> None:
    tables = {table.name for table in item.document}
    assert set(item.aliases) <= tables
    for table, column in item.stand_ins:
        assert item.document.table(table).column(column).is_relation


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_a_blueprint_is_designed_with_care(item: Blueprint) -> None:
    """What an expert would look at: no negative money, choices with colours, links that say what they mean."""
    for table in item.document:
        assert table.label_plural
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if column.type == "currency":
                assert column.config.get("min") == 0, place
            if column.type in ("select", "multi_select"):
                assert all(option.get("color") and option.get("label") for option in column.config["options"]), place
            if column.type == "select" and column.name in ("status", "stage"):
                assert column.required, place
                assert column.default, place
                assert any(column.name in group for group in table.indexes), (
                    f"{place} is filtered by, so it has an index"
                )
            if column.is_relation:
                assert column.label, place
    assert any(column.is_relation for table in item.document for column in table.columns)


def test_the_business_crm_has_what_its_specification_names() -> None:
    """Columns and options of the product's Business CRM (feature D1)."""
    document = blueprint("business_crm").document
    columns = {table.name: [column.name for column in table.columns] for table in document}
    options = {
        (table.name, column.name): {option["value"] for option in column.config["options"]}
        for table in document
        for column in table.columns
        if column.type == "select"
    }

    assert {name: sorted(found) for name, found in columns.items()} == {
        "contacts": sorted(["first_name", "last_name", "email", "phone", "company", "position", "notes", "status"]),
        "invoices": sorted(
            ["contact_id", "invoice_number", "issue_date", "due_date", "status", "total_amount", "notes"]
        ),
        "invoice_items": sorted(["invoice_id", "description", "quantity", "unit_price", "total"]),
        "transactions": sorted(["invoice_id", "amount", "type", "category", "description", "date"]),
        "tasks": sorted(["contact_id", "title", "description", "due_date", "status", "priority"]),
    }
    assert options == {
        ("contacts", "status"): {"active", "inactive", "lead", "customer"},
        ("invoices", "status"): {"draft", "sent", "paid", "overdue", "cancelled"},
        ("transactions", "type"): {"income", "expense"},
        ("tasks", "status"): {"pending", "in_progress", "completed", "cancelled"},
        ("tasks", "priority"): {"low", "medium", "high"},
    }
    assert not document.table("transactions").column("invoice_id").required
    assert not document.table("tasks").column("contact_id").required


def test_there_are_enough_and_no_two_alike() -> None:
    keys = [item.key for item in blueprints()]

    assert len(keys) >= 16
    assert len(set(keys)) == len(keys)
    assert {
        "business_crm", "clinic", "dental_clinic", "events", "freelancer", "gym", "help_desk", "inventory", "law_firm",
        "nonprofit", "property_management", "real_estate", "recruitment", "repair_shop", "restaurant_suppliers",
        "saas_sales", "school",
    } <= set(keys)  # fmt: skip
    assert len({item.prompt for item in blueprints()}) == len(keys)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        blueprint("nothing")
