"""The forms of the platform's own pages."""

from __future__ import annotations

from django import forms

from core.projects import MAX_NAME_LENGTH


class ProjectForm(forms.Form):
    """What a project is called and what it is for."""

    name = forms.CharField(
        max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"placeholder": "Real estate CRM", "autocomplete": "off"}),
    )
    description = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "What is it for? Only people read this."}),
    )
