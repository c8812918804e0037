"""How allauth makes accounts here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed by the operator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether new users may sign up by themselves."""
        return bool(settings.ACCOUNT_SIGNUP_OPEN)
