"""The API of accounts, projects and jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import permissions, serializers, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from core import jobs, projects
from core.accounts import EmailTaken, needs_confirmed_address
from core.api_jobs import JobSerializer, user_of
from core.errors import BadRequest, Forbidden, NotAuthenticated
from core.models import Project, User
from core.permissions import access_project, list_projects, role_of
from core.rights import Right, Role


class UserSerializer(serializers.ModelSerializer[User]):
    """The user about themselves."""

    class Meta:
        model = User
        fields = ("id", "email", "full_name", "date_joined")


class SignupSerializer(serializers.Serializer[User]):
    """What signing up takes."""

    email = serializers.EmailField()
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A project for its users."""

    version = serializers.CharField(source="active_config.version", default=None, read_only=True, allow_null=True)
    role = serializers.SerializerMethodField()
    name = serializers.CharField(max_length=projects.MAX_NAME_LENGTH)

    class Meta:
        model = Project
        fields = ("id", "name", "description", "version", "role", "created_at", "updated_at")
        read_only_fields = ("id", "created_at", "updated_at")

    @extend_schema_field(serializers.ChoiceField(choices=Role.choices, help_text="What the caller is in the project."))
    def get_role(self, project: Project) -> str:
        """The role of the user who is given as the context's `user`."""
        return role_of(self.context["user"], project).value


class DeletionSerializer(serializers.Serializer[Any]):
    """The typed confirmation of a deletion."""

    confirm = serializers.CharField(help_text="The project's name, typed again.")


class Page(PageNumberPagination):
    """Pages of lists of the platform's own things."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def page_of(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """How the documentation describes a page of a list.

    Args:
        serializer: what the list holds.
    """
    fields: dict[str, Any] = {"count": serializers.IntegerField()}
    fields |= {name: serializers.URLField(allow_null=True) for name in ("next", "previous")}
    name = f"{serializer.__name__.removesuffix('Serializer')}Page"
    return inline_serializer(name, {**fields, "results": serializer(many=True)})


class SignupView(APIView):
    """Accounts for new users."""

    permission_classes = (permissions.AllowAny,)
    authentication_classes = ()
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "signup"

    @extend_schema(request=SignupSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        """Signs up a user by email address and password."""
        if not settings.ACCOUNT_SIGNUP_OPEN:
            raise Forbidden("Signing up is closed here. Ask the operator for an account.")
        data = SignupSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        email, password = data.validated_data["email"].lower(), data.validated_data["password"]
        try:
            validate_password(password, User(email=email))
            get_adapter().clean_email(email)
        except ValidationError as error:
            faults = [
                {"code": "weak_password", "path": "$.password", "detail": message, "fix": "Choose another password."}
                for message in error.messages
            ]
            raise BadRequest("This password cannot be used.", code="weak_password", errors=faults) from None
        try:
            user = User.objects.create_user(email, password)
        except IntegrityError:
            raise EmailTaken from None
        confirm = needs_confirmed_address()
        EmailAddress.objects.add_email(request._request, user, email, confirm)  # noqa: SLF001 (Django's own request)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class TokenView(TokenObtainPairView):
    """Access and refresh tokens for an email address and a password."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "token"


class RefreshSerializer(TokenRefreshSerializer):
    """A refresh token, of a user who is still there."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """A new access token; raises `NotAuthenticated` when the account is gone."""
        try:
            return super().validate(attrs)
        except User.DoesNotExist:
            raise NotAuthenticated("The account of this token is no longer there.") from None


class RefreshView(TokenRefreshView):
    """A new access token for a refresh token."""

    serializer_class = RefreshSerializer


class CurrentUserView(APIView):
    """Who is calling."""

    @extend_schema(responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """The current user."""
        return Response(UserSerializer(user_of(request)).data)


class ProjectListView(APIView):
    """The caller's projects."""

    @extend_schema(responses=page_of(ProjectSerializer))
    def get(self, request: Request) -> Response:
        """The projects that the caller may open, last changed first."""
        page, user = Page(), user_of(request)
        rows = page.paginate_queryset(list_projects(user), request) or []  # type: ignore[arg-type, var-annotated]
        return page.get_paginated_response(ProjectSerializer(rows, many=True, context={"user": user}).data)

    @extend_schema(request=ProjectSerializer, responses={201: ProjectSerializer})
    def post(self, request: Request) -> Response:
        """Creates a project."""
        data = ProjectSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = user_of(request)
        project = projects.create_project(user, **data.validated_data)
        return Response(_project_json(user, project), status=status.HTTP_201_CREATED)


class ProjectView(APIView):
    """One project."""

    @extend_schema(responses=ProjectSerializer)
    def get(self, request: Request, project_id: UUID) -> Response:
        """The project."""
        user = user_of(request)
        return Response(_project_json(user, access_project(user, project_id)))

    @extend_schema(request=ProjectSerializer, responses=ProjectSerializer)
    def put(self, request: Request, project_id: UUID) -> Response:
        """Changes all that can be changed."""
        return self._update(request, project_id, partial=False)

    @extend_schema(request=ProjectSerializer, responses=ProjectSerializer)
    def patch(self, request: Request, project_id: UUID) -> Response:
        """Changes what is given."""
        return self._update(request, project_id, partial=True)

    @extend_schema(request=DeletionSerializer, responses={204: None})
    def delete(self, request: Request, project_id: UUID) -> Response:
        """Deletes the project; its data stay restorable for 30 days."""
        user = user_of(request)
        project = access_project(user, project_id, Right.DELETE_PROJECT)
        data = DeletionSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        projects.delete_project(user, project, data.validated_data["confirm"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, request: Request, project_id: UUID, *, partial: bool) -> Response:
        user = user_of(request)
        project = access_project(user, project_id, Right.CHANGE_SETTINGS)
        data = ProjectSerializer(project, data=request.data, partial=partial)
        data.is_valid(raise_exception=True)
        project = projects.update_project(user, project, **data.validated_data)
        return Response(_project_json(user, project))


def _project_json(user: User, project: Project) -> dict[str, Any]:
    return dict(ProjectSerializer(project, context={"user": user}).data)


class JobView(APIView):
    """One piece of long work."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """The job as it stands."""
        return Response(JobSerializer(jobs.find(user_of(request), job_id)).data)

    @extend_schema(responses=JobSerializer)
    def delete(self, request: Request, job_id: UUID) -> Response:
        """Takes the job back, if its kind allows that and no worker has begun with it; answers the cancelled job."""
        return Response(JobSerializer(jobs.cancel(user_of(request), job_id)).data)
