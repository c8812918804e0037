"""Pages of a project's members: who they are, adding, other roles, removing, leaving, handing the project over."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from core import memberships
from core.errors import BadRequest, Conflict, NotFound, QuotaExceeded
from core.members import Member, project_members
from core.models import Project
from core.permissions import access_project, require
from core.rights import GIVEN, MEANINGS, Right, Role, with_article
from core.workspace import WorkspaceView, page_context

_CHOICES = [(role.value, role.label) for role in reversed(GIVEN)]


class AddForm(forms.Form):
    """Whom to add, in which role."""

    email = forms.EmailField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "ada@example.com"})
    )
    role = forms.ChoiceField(choices=_CHOICES, initial=Role.EDITOR.value)


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(choices=_CHOICES)


class MembersView(WorkspaceView):
    """The list of members, and for those who manage them the form that adds one."""

    def get(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Everybody who may open the project."""
        return self._page(access_project(self.user, project_id), AddForm())

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Adds somebody by their email address."""
        project = access_project(self.user, project_id, Right.MANAGE_MEMBERS)
        form = AddForm(request.POST)
        if not form.is_valid():
            return self._page(project, form, status=422)
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            memberships.add_member(self.user, project, email, role)
        except (BadRequest, Conflict, QuotaExceeded) as problem:
            form.add_error("email", problem.detail)
            return self._page(project, form, status=problem.status)
        messages.success(request, f"{email} can open this project now, as {with_article(role)}.")
        return redirect("project-members", project.pk)

    def _page(self, project: Project, form: AddForm, status: int = 200) -> HttpResponse:
        context = page_context(
            self.request,
            title="Members",
            subtitle="Who may open this project, and what they may do in it.",
            project=project,
            members=sorted(project_members(project), key=lambda member: member.role is not Role.OWNER),
            form=form,
            given=_CHOICES,
            meanings=[(role.label, text) for role, text in MEANINGS.items()],
        )
        return render(self.request, "core/members.html", context, status=status)


class MemberView(WorkspaceView):
    """What the pages about one member share."""

    right: Right | None = None
    """What a member needs to see the page."""

    def open(self, project_id: UUID, member_id: UUID) -> tuple[Project, Member]:
        """Both, or `NotFound`."""
        project = access_project(self.user, project_id, self.right)
        found = {member.id: member for member in project_members(project)}
        if member_id not in found:
            raise NotFound("There is no such member of this project.")
        return project, found[member_id]


class RoleView(MemberView):
    """Gives a member another role."""

    http_method_names = ["post"]
    right = Right.MANAGE_MEMBERS

    def post(self, request: HttpRequest, project_id: UUID, member_id: UUID) -> HttpResponse:
        """Does it, and says so."""
        project, member = self.open(project_id, member_id)
        form = RoleForm(request.POST)
        if not form.is_valid():
            raise BadRequest("Choose one of the roles: admin, editor or viewer.", code="invalid_role")
        role = Role(form.cleaned_data["role"])
        memberships.change_role(self.user, project, member.id, role)
        messages.success(request, f"{member.name} is {with_article(role)} now.")
        return redirect("project-members", project.pk)


class RemoveView(MemberView):
    """Asks, then removes a member; about oneself, leaves the project."""

    def get(self, request: HttpRequest, project_id: UUID, member_id: UUID) -> HttpResponse:
        """Asks, and says what stays."""
        project, member = self.open(project_id, member_id)
        is_me = member.id == self.user.pk
        if not is_me:
            require(self.user, project, Right.MANAGE_MEMBERS)
        context = page_context(
            request,
            title="Leave the project?" if is_me else f"Remove {member.name}?",
            project=project,
            member=member,
            is_me=is_me,
            crumb={"title": "Members", "url": reverse("project-members", args=[project.pk])},
        )
        return render(request, "core/member_remove.html", context)

    def post(self, request: HttpRequest, project_id: UUID, member_id: UUID) -> HttpResponse:
        """Removes them."""
        project, member = self.open(project_id, member_id)
        memberships.remove_member(self.user, project, member.id)
        if member.id == self.user.pk:
            messages.success(request, f"You have left {project.name}.")
            return redirect("project-list")
        messages.success(request, f"{member.name} cannot open this project any more. What they added stays.")
        return redirect("project-members", project.pk)


class HandOverView(MemberView):
    """Makes a member the owner."""

    http_method_names = ["post"]
    right = Right.HAND_OVER

    def post(self, request: HttpRequest, project_id: UUID) -> HttpResponse:
        """Does it, and says so."""
        access_project(self.user, project_id, self.right)
        try:
            member_id = UUID(request.POST.get("member", ""))
        except ValueError:
            raise BadRequest("Choose the member who gets the project.", code="no_member") from None
        project, member = self.open(project_id, member_id)
        memberships.hand_over(self.user, project, member.id)
        messages.success(request, f"{member.name} owns this project now. You are an admin of it.")
        return redirect("project-members", project.pk)
