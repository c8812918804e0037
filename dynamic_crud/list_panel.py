"""Panels of a list: forms about the list itself, in place with htmx and as pages of their own without scripts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from dynamic_crud.listing import MAX_ADDRESS
from dynamic_crud.views import RecordsView


class ListPanel(RecordsView):
    """A form about a list, which is told with `?list=` what the list is asked for."""

    template: ClassVar[str]

    def asked(self, without: Collection[str] = ()) -> QueryDict:
        """The parameters of the list that the panel is about."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        asked = QueryDict(given.get("list", "")[:MAX_ADDRESS], mutable=True)
        for name in without:
            asked.pop(name, None)
        return asked

    def list_url(self, asked: QueryDict) -> str:
        """The address of the list with these parameters."""
        return f"{self.url('record-list')}?{asked.urlencode()}" if asked else self.url("record-list")

    def panel(self, heading: str, **context: Any) -> HttpResponse:
        """The form, alone for htmx and else as a page."""
        asked = self.asked()
        known: dict[str, Any] = {
            "resource": self.resource,
            "list": asked.urlencode(),
            "back": self.list_url(asked),
            "panel": self.template,
        }
        if self.request.headers.get("HX-Request") == "true":
            return render(self.request, self.template, {"project": self.records.project, **known, **context})
        return self.page("crud/panel.html", heading, crumb=self.crumb, **(known | context))
