"""The addresses of all sections."""

from django.urls import URLPattern, URLResolver, include, path
from django.views import View

from crud import views
from crud.api import router
from crud.sections import Section, sections

PAGES: tuple[tuple[str, str, type[View]], ...] = (
    ("", "list", views.RecordList),
    ("new/", "create", views.RecordCreate),
    ("options/", "options", views.RecordOptions),
    ("<uuid:pk>/", "detail", views.RecordDetail),
    ("<uuid:pk>/edit/", "update", views.RecordUpdate),
    ("<uuid:pk>/delete/", "delete", views.RecordDelete),
    ("<uuid:pk>/files/<str:name>/<uuid:file_id>/", "file", views.RecordFile),
)


def pages(section: Section) -> list[URLPattern]:
    """The pages of a section."""
    name = section.model._meta.model_name
    return [
        path(f"{section.slug}/{rest}", view.as_view(section=section), name=f"{name}-{action}")
        for rest, action, view in PAGES
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Dashboard.as_view(), name="dashboard"),
    path("api/", include(router().urls)),
    *(page for section in sections() for page in pages(section)),
]
