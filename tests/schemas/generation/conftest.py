"""What tests of decisions start from: a project, and Claude at a server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.models import Project, User
from core.permissions import access_project
from core.projects import create_project
from schemas.generation import claude as claude_module
from schemas.generation.claude import ClaudeEngine
from tests.fakes import anthropic as fake
from tests.fakes.anthropic import API_KEY, AnthropicServer
from tests.schemas.generation.replies import GOOD


@pytest.fixture
def project(user: User) -> Project:
    """An empty project."""
    return access_project(user, create_project(user, "Homes").pk)


@pytest.fixture
def service() -> Iterator[AnthropicServer]:
    """The AI service, which answers with a clinic."""
    with AnthropicServer() as server:
        server.script(fake.reply(GOOD))
        yield server


@pytest.fixture
def claude(service: AnthropicServer, settings) -> AnthropicServer:
    """The service of an operator who has set a key."""
    settings.ANTHROPIC_API_KEY = API_KEY
    settings.ANTHROPIC_BASE_URL = service.url
    return service


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between attempts are noted instead of slept."""
    noted: list[float] = []
    monkeypatch.setattr(claude_module, "sleep", noted.append)
    return noted


@pytest.fixture
def engine(service: AnthropicServer, pauses: list[float]) -> ClaudeEngine:
    """Claude, without a project and without settings."""
    return ClaudeEngine(
        api_key=API_KEY, model="claude-opus-5-5", base_url=service.url, timeout=30.0,
        prices={"claude-opus-5-5": (4.0, 20.0)},
    )  # fmt: skip
