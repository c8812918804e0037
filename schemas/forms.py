"""The forms around generation."""

from __future__ import annotations

from typing import Any

from django import forms

from schemas.generation.draft import MAX_PROMPT_LENGTH


class PromptForm(forms.Form):
    """What somebody needs, in their own words."""

    prompt = forms.CharField(
        max_length=MAX_PROMPT_LENGTH,
        label="Describe the application you need",
        error_messages={"required": "Say what you want to keep track of, for example properties, agents and showings."},
        widget=forms.Textarea(attrs={"rows": 3, "data-submit": "", "maxlength": MAX_PROMPT_LENGTH}),
    )

    def __init__(self, *args: Any, placeholder: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prompt"].widget.attrs |= {"id": "prompt", "placeholder": placeholder}
