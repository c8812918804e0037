"""What the pages around a schema derive from words."""

from __future__ import annotations

import pytest

from schemas.views import name_from


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Create a CRM for real estate agents with properties, agents and showings", "CRM for real estate agents"),
        ("I need an inventory tracker that warns me", "Inventory tracker"),
        ("please build me a clinic manager. Patients first.", "Clinic manager"),
        ("boats", "Boats"),
        ("Create", "Create"),
        ("with properties", "With properties"),
        ("...", "..."),
        ("x" * 300, "X" + "x" * 59),
    ],
)
def test_a_project_is_named_after_its_description(prompt, name):
    assert name_from(prompt) == name
