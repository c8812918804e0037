"""Documents that are meant to break what reads them, at every address that takes one."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from core.models import User
from tests.factories import ProjectFactory

NESTED = '{"project_id": "%s", "schema_json": ' + "%s}"


@pytest.mark.parametrize("address", ["/api/v1/validate", "/api/v1/provision"])
@pytest.mark.parametrize("depth", [100, 950, 970, 990, 1010, 20_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"tables": [', "]}")])
def test_a_deep_document_is_refused(
    api: APIClient, user: User, address: str, depth: int, opening: str, closing: str
) -> None:
    project = ProjectFactory(owner=user)
    body = NESTED % (project.pk, opening * depth + closing * depth)
    response = api.generic("POST", address, body.encode(), content_type="application/json")
    if response.status_code == 200:
        assert response.json()["valid"] is False
    else:
        assert response.status_code in {400, 422}
        assert response.json()["detail"]
