"""The frame around every page of the product: who is signed in, which projects exist, what the current one holds.

It is unfold's site object, as the Django admin has one, for everybody: the staff use `/admin/`, everybody else this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views import View
from unfold.sites import UnfoldAdminSite

from core import locks
from core.errors import NotAuthenticated
from core.lock_status import LockStatus
from core.models import Project, User
from core.permissions import list_projects, role_of
from core.rights import Right, rights_of

DEFAULT_TABLE_ICON = "table_rows"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the sidebar or of the command palette."""

    title: str
    url: str
    icon: str
    group: str = ""
    is_current: bool = False


class WorkspaceSite(UnfoldAdminSite):
    """unfold's chrome for signed-in people, with no models registered: its pages are our own views."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Every signed-in person has a workspace."""
        return request.user.is_authenticated and request.user.is_active


site = WorkspaceSite(name="workspace")


class WorkspaceView(LoginRequiredMixin, View):
    """A page for signed-in people; others are asked to sign in first."""

    @property
    def user(self) -> User:
        """Who is looking."""
        user = self.request.user
        if not isinstance(user, User):
            raise NotAuthenticated("Sign in first.")
        return user


def page_context(
    request: HttpRequest,
    *,
    title: str,
    project: Project | None = None,
    projects: list[Project] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """What `base/page.html` needs. Call it outside of any door: it opens its own.

    Args:
        request: the page's request.
        title: the heading, also of the browser's tab.
        project: the project whose tables and pages the sidebar shows.
        projects: all that the user may open, where somebody has looked already.
        **extra: the page's own context, added last.
    """
    if projects is None:
        projects = list_projects(request.user) if isinstance(request.user, User) else []
    rights = rights_of(role_of(request.user, project)) if project and isinstance(request.user, User) else frozenset()
    navigation = _project_navigation(request, project, rights) if project else _home_navigation(request, projects)
    return {
        **site.each_context(request),
        "colors": {},  # tokens.css has them, for the pages outside this frame as well
        "styles": [],  # base/_head.html links them
        "title": title,
        "project": project,
        "schema_lock": SimpleLazyObject(lambda: _schema_lock(request, project)),
        "projects": projects,
        "rights": rights,
        "navigation": navigation,
        "palette": _palette(navigation, projects, project if Right.WRITE_RECORDS in rights else None),
        "command_template": "base/palette.html",
        **extra,
    }


def _schema_lock(request: HttpRequest, project: Project | None) -> LockStatus:
    """Asked for by the pages that show it, and by no other."""
    return locks.status(project, request.user.pk) if project and isinstance(request.user, User) else LockStatus()


def tables_of(document: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The tables of a stored document, each with `name`, `label`, `label_plural` and `icon`."""
    tables: list[Mapping[str, Any]] = []
    for table in (document or {}).get("tables", []):
        hints = table.get("ui_hints", {})
        words = table["name"].replace("_", " ").capitalize()
        label = hints.get("label") or words
        tables.append(
            {
                "name": table["name"],
                "label": label,
                "label_plural": hints.get("label_plural") or label,
                "icon": hints.get("icon") or DEFAULT_TABLE_ICON,
                "description": table.get("description", ""),
                "column_count": len(table.get("columns", [])),
            }
        )
    return tables


def _home_navigation(request: HttpRequest, projects: list[Project]) -> list[tuple[str, list[Link]]]:
    pages = [
        _link(request, "Projects", "apps", reverse("project-list"), exact=True),
        _link(request, "New project", "add", reverse("project-create"), exact=True),
    ]
    if not request.user.is_authenticated:
        return []
    recent = [_link(request, each.name, "database", reverse("project-detail", args=[each.pk])) for each in projects[:8]]
    return [("", pages), ("Recent", recent)] if recent else [("", pages)]


def _project_navigation(
    request: HttpRequest, project: Project, rights: frozenset[Right]
) -> list[tuple[str, list[Link]]]:
    def page(title: str, icon: str, name: str, *, exact: bool = False) -> Link:
        return _link(request, title, icon, reverse(name, args=[project.pk]), exact=exact)

    document = project.active_config.document if project.active_config else None
    tables = [
        _link(request, table["label_plural"], table["icon"], reverse("record-list", args=[project.pk, table["name"]]))
        for table in tables_of(document)
    ]
    groups = [
        ("", [page("Overview", "space_dashboard", "project-detail", exact=True)]),
        ("Data", tables),
        (
            "Application",
            [
                *([page("Builder", "auto_awesome", "builder")] if Right.CHANGE_SCHEMA in rights else []),
                page("History", "history", "history"),
                *([page("API", "api", "project-api"), page("Trash", "delete", "trash")] if tables else []),
                *([page("Export", "download", "export")] if tables else []),
                page("Members", "group", "project-members"),
                page("Settings", "settings", "project-settings"),
            ],
        ),
    ]
    return [(title, links) for title, links in groups if links]


def _link(request: HttpRequest, title: str, icon: str, url: str, *, exact: bool = False) -> Link:
    is_current = request.path == url if exact else request.path.startswith(url)
    return Link(title, url, icon, is_current=is_current)


def _palette(navigation: list[tuple[str, list[Link]]], projects: list[Project], writable: Project | None) -> list[Link]:
    """Everything a few typed letters can lead to: the sidebar's links, new records, and all projects.

    Args:
        navigation: the sidebar.
        projects: all that the user may open.
        writable: the project that the page is about, if the user may add records to it.
    """
    here = [Link(link.title, link.url, link.icon, group or "Page") for group, links in navigation for link in links]
    seen = {link.url for link in here}
    document = writable.active_config.document if writable and writable.active_config else None
    new_records = [
        Link(
            f"New {table['label'].lower()}",
            reverse("record-create", args=[writable.pk, table["name"]]),
            "add",
            "Create",
        )
        for table in tables_of(document)
        if writable
    ]
    others = [
        Link(each.name, url, "database", "Project")
        for each in projects
        if (url := reverse("project-detail", args=[each.pk])) not in seen
    ]
    pages = [
        Link("All projects", reverse("project-list"), "apps", "Page"),
        Link("New project", reverse("project-create"), "add", "Create"),
        Link("API documentation", reverse("api-docs"), "api", "Page"),
        Link("AI usage", reverse("ai-usage"), "data_usage", "Account"),
        Link("Change password", reverse("account_change_password"), "key", "Account"),
    ]
    return [*here, *new_records, *others, *(link for link in pages if link.url not in seen)]
