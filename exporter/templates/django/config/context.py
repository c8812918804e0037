"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_: HttpRequest) -> dict[str, Any]:
    """The name of the application, and whether people may make accounts."""
    return {"app_name": settings.APP_NAME, "allow_sign_up": settings.ALLOW_SIGN_UP}
