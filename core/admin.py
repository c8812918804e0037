"""The Django admin for the platform's staff. Its pages see all platform rows, and no project's data."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.sites import UnfoldAdminSite

from core.errors import BadRequest
from core.models import (
    DecisionTrace,
    Job,
    Project,
    ProjectMember,
    SchemaFreeze,
    SchemaLock,
    StoredFile,
    User,
    VibeConfig,
)
from core.tenancy import as_platform


class StaffSite(UnfoldAdminSite):
    """An admin whose every page runs inside the platform's door."""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own sign-in page, which counts wrong passwords; Django's would let them be guessed."""
        return secure_admin_login(super().login)(request, extra_context)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Django's wrapper, with the door opened for staff before the view runs and closed after it is rendered."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def through_the_door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return inner(request, *args, **kwargs)
            try:
                with as_platform():
                    response = inner(request, *args, **kwargs)
                    if hasattr(response, "render"):
                        response.render()
            except (ValidationError, DataError, OverflowError) as error:  # Django's admin trusts the addresses it reads
                raise BadRequest("A value in the address or in the form cannot be read.") from error
            return response

        return through_the_door


staff_site = StaffSite(name="admin")


class ReadOnlyAdmin(ModelAdmin):
    """Records that are written by the product alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds them by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes them by hand."""
        return False


class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Accounts."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "full_name", "is_active", "is_staff", "date_joined")
    search_fields = ("email", "full_name")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "full_name", "password")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("AI", {"fields": ("ai_requests_per_day",)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)


class ProjectAdmin(ModelAdmin):
    """Projects of all users: their names and states, not their data.

    A row that is added here would have no place for its tables, and one that is deleted here would leave its tables
    behind, with nobody to see them. A project goes by its date of deletion.
    """

    list_display = ("name", "owner", "schema_name", "active_config", "updated_at", "deleted_at")
    list_select_related = ("owner", "active_config")
    search_fields = ("name", "owner__email", "schema_name")
    readonly_fields = ("schema_name", "active_config", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users make their projects."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor is a user deleted here who has projects; such a one is made inactive."""
        return False


class ProjectMemberAdmin(ReadOnlyAdmin):
    """Who shares whose project; deleting a row ends that."""

    list_display = ("project", "user", "role", "added_by", "created_at")
    list_select_related = ("project", "user", "added_by")


class VibeConfigAdmin(ReadOnlyAdmin):
    """Stored versions."""

    list_display = ("project", "version", "created_by", "created_at")
    list_select_related = ("project", "created_by")


class DecisionTraceAdmin(ReadOnlyAdmin):
    """Decisions of models and of the offline engine."""

    list_display = ("prompt", "project", "user", "intent", "outcome", "engine", "model", "cost_usd", "created_at")
    list_filter = ("outcome", "engine", "intent")
    list_select_related = ("project", "user")


class JobAdmin(ReadOnlyAdmin):
    """Long work."""

    list_display = ("kind", "status", "project", "user", "attempts", "created_at", "finished_at")
    list_filter = ("kind", "status")
    list_select_related = ("project", "user")


class StoredFileAdmin(ReadOnlyAdmin):
    """Uploaded files: that they are there, not what is in them."""

    list_display = ("name", "project", "uploaded_by", "content_type", "size", "created_at", "used_at")
    list_select_related = ("project", "uploaded_by")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`manage.py purge_files` deletes: it knows which ones records refer to."""
        return False


class SchemaLockAdmin(ModelAdmin):
    """Locks in force; deleting one frees the project."""

    list_display = ("project", "holder", "purpose", "acquired_at", "expires_at")
    list_select_related = ("project", "holder")


class SchemaFreezeAdmin(ModelAdmin):
    """Frozen projects; deleting a row lets the tables be changed again."""

    list_display = ("project", "frozen_by", "reason", "frozen_at")
    list_select_related = ("project", "frozen_by")


staff_site.register(User, UserAdmin)
staff_site.register(Project, ProjectAdmin)
staff_site.register(ProjectMember, ProjectMemberAdmin)
staff_site.register(VibeConfig, VibeConfigAdmin)
staff_site.register(DecisionTrace, DecisionTraceAdmin)
staff_site.register(Job, JobAdmin)
staff_site.register(SchemaLock, SchemaLockAdmin)
staff_site.register(SchemaFreeze, SchemaFreezeAdmin)
staff_site.register(StoredFile, StoredFileAdmin)
