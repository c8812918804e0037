"""The API of a project's members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import memberships
from core.api import Page, page_of
from core.api_jobs import user_of
from core.errors import NotFound
from core.members import Member, project_members
from core.models import Project, User
from core.permissions import access_project
from core.rights import GIVEN, Right, Role

_GIVEN = [(role.value, role.label) for role in GIVEN]
_REFUSED = OpenApiResponse(description="The caller's role does not manage members.")
_OWNER_STAYS = OpenApiResponse(description="The member is the owner, who stays that until they hand the project over.")


class MemberSerializer(serializers.Serializer[Any]):
    """A member of a project."""

    id = serializers.UUIDField(help_text="The user's id.")
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)
    since = serializers.DateTimeField(help_text="When they were added; of the owner, when the project was made.")


class AddSerializer(serializers.Serializer[Any]):
    """What adding takes."""

    email = serializers.EmailField(help_text="The address with which the person signs in.")
    role = serializers.ChoiceField(choices=_GIVEN)


class ChangeSerializer(serializers.Serializer[Any]):
    """What changing takes."""

    role = serializers.ChoiceField(
        choices=Role.choices,
        help_text="`owner` hands the project over, which its owner alone can; they stay an admin.",
    )


class MembersView(APIView):
    """The members of a project."""

    @extend_schema(operation_id="members_list", responses=page_of(MemberSerializer))
    def get(self, request: Request, project_id: UUID) -> Response:
        """Everybody who may open the project, by name."""
        _, project = _opened(request, project_id)
        page = Page()
        rows = page.paginate_queryset(project_members(project), request) or []  # type: ignore[arg-type, var-annotated]
        return page.get_paginated_response(MemberSerializer(rows, many=True).data)

    @extend_schema(operation_id="members_add", request=AddSerializer, responses={201: MemberSerializer, 403: _REFUSED})
    def post(self, request: Request, project_id: UUID) -> Response:
        """Adds a person who has an account. How many addresses somebody may try in an hour is limited."""
        user, project = _opened(request, project_id, Right.MANAGE_MEMBERS)
        data = AddSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        added = memberships.add_member(user, project, values["email"], Role(values["role"]))
        return Response(_json(project, added), status.HTTP_201_CREATED)


class MemberView(APIView):
    """One member of a project."""

    @extend_schema(
        operation_id="members_change",
        request=ChangeSerializer,
        responses={200: MemberSerializer, 403: _REFUSED, 409: _OWNER_STAYS},
    )
    def patch(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        """Gives a member another role, or hands the project over to them."""
        user, project = _opened(request, project_id, Right.MANAGE_MEMBERS)
        data = ChangeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        role = Role(data.validated_data["role"])
        if role is Role.OWNER:
            memberships.hand_over(user, project, user_id)
            project = access_project(user, project_id)
        else:
            memberships.change_role(user, project, user_id, role)
        return Response(_json(project, user_id))

    @extend_schema(operation_id="members_remove", responses={204: None, 403: _REFUSED, 409: _OWNER_STAYS})
    def delete(self, request: Request, project_id: UUID, user_id: UUID) -> Response:
        """Removes a member, at once and everywhere; with the caller's own id, leaves the project."""
        user, project = _opened(request, project_id)
        memberships.remove_member(user, project, user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _opened(request: Request, project_id: UUID, right: Right | None = None) -> tuple[User, Project]:
    user = user_of(request)
    return user, access_project(user, project_id, right)


def _json(project: Project, user_id: UUID) -> dict[str, Any]:
    found: dict[UUID, Member] = {member.id: member for member in project_members(project)}
    if user_id not in found:
        raise NotFound("This member was removed a moment ago.")
    return dict(MemberSerializer(found[user_id]).data)
