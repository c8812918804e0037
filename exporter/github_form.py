"""The part of the export form that says where the files go: into a ZIP, or to GitHub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django import forms

from core.errors import BadRequest
from exporter.github_destination import (
    MAX_BRANCH_LENGTH,
    MAX_REPOSITORY_LENGTH,
    MAX_TOKEN_LENGTH,
    checked_branch,
    checked_repository,
    checked_token,
)

_KEPT: Final = ("delivery", "repo_name", "branch")


@dataclass(frozen=True, slots=True)
class Way:
    """A choice with what one gets."""

    label: str
    description: str


class DeliveryForm(forms.Form):
    """Where to. Only a request that chooses GitHub fills in the rest, so bind it to such a request alone."""

    use_required_attribute = False  # the fields of GitHub are out of sight while the ZIP is chosen

    delivery = forms.ChoiceField(
        label="Where to",
        choices=(
            ("zip", Way("Download", "A ZIP with all files.")),
            ("github", Way("GitHub", "One commit in a repository of yours. It is made if it is not there.")),
        ),
        initial="zip",
        widget=forms.RadioSelect,
    )
    repo_name = forms.CharField(
        label="Repository",
        max_length=MAX_REPOSITORY_LENGTH,
        help_text="Its name, or owner/name. What you added to it stays; what you changed stays until the export has "
        "something new for that file.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "placeholder": "owner/name"}),
    )
    branch = forms.CharField(
        label="Branch",
        required=False,
        max_length=MAX_BRANCH_LENGTH,
        help_text="The default branch if empty. A branch of its own lets you merge the export by a pull request.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    private = forms.BooleanField(label="If the repository is made now, it is private", required=False, initial=True)
    github_token = forms.CharField(
        label="Access token",
        max_length=MAX_TOKEN_LENGTH,
        help_text='With the scopes "repo" and "workflow", or, fine-grained, with write access to contents, workflows '
        "and administration. It is used once and not kept.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @property
    def values(self) -> dict[str, Any]:
        """What was chosen; nothing while that is the ZIP."""
        return self.cleaned_data if self.is_bound else {}

    def clean_repo_name(self) -> str:
        """The name, if GitHub knows such names."""
        return _checked(checked_repository, self.cleaned_data["repo_name"])

    def clean_branch(self) -> str:
        """The branch, if git knows such names."""
        return _checked(checked_branch, self.cleaned_data["branch"])

    def clean_github_token(self) -> str:
        """The token, if it can be one."""
        return _checked(checked_token, self.cleaned_data["github_token"])


def delivery_form(submitted: Mapping[str, str]) -> DeliveryForm:
    """The form of a request, bound if the request chooses GitHub."""
    return DeliveryForm(submitted) if submitted.get("delivery") == "github" else DeliveryForm()


def asked_again(query: Mapping[str, str]) -> DeliveryForm:
    """The form as `query_of` left it."""
    return DeliveryForm(initial={name: query[name] for name in _KEPT if name in query})


def query_of(values: Mapping[str, Any]) -> str:
    """What leads back to a form that is filled in as it was, without the token."""
    kept = {name: values[name] for name in _KEPT if values.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _checked(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except BadRequest as problem:
        raise forms.ValidationError(problem.detail) from problem
