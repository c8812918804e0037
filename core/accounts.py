"""How allauth makes accounts here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest

from core.errors import Conflict
from core.models import User


class EmailTaken(Conflict):
    """Somebody has an account with this email address."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("There is an account with this email address. Sign in instead.")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up can be closed by the operator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether new users may sign up by themselves."""
        return bool(settings.ACCOUNT_SIGNUP_OPEN)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Stores the account; raises `Conflict` when another request made one with the address a moment before."""
        try:
            saved: User = super().save_user(request, user, form, commit)
        except IntegrityError:
            raise EmailTaken from None
        return saved


def needs_confirmed_address() -> bool:
    """Whether an account works only once its email address is confirmed."""
    return bool(settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory")


def may_sign_in(user: User | None) -> bool:
    """Whether the API gives tokens to the user: the same rule as that of the sign-in page."""
    if user is None or not user.is_active:
        return False
    return not needs_confirmed_address() or EmailAddress.objects.filter(user=user, verified=True).exists()
