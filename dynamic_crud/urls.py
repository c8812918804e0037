"""Addresses of the pages of records."""

from __future__ import annotations

from django.urls import include, path

from dynamic_crud import cell_editing, counts, file_views, filter_builder, list_columns, list_page, views

table = [
    path("", list_page.RecordList.as_view(), name="record-list"),
    path("filters/", filter_builder.RecordFilters.as_view(), name="record-filters"),
    path("columns/", list_columns.RecordColumns.as_view(), name="record-columns"),
    path("new/", views.RecordCreate.as_view(), name="record-create"),
    path("choices/", views.RecordChoices.as_view(), name="record-choices"),
    path("<uuid:record_id>/", views.RecordDetail.as_view(), name="record-detail"),
    path("<uuid:record_id>/edit/", views.RecordEdit.as_view(), name="record-edit"),
    path("<uuid:record_id>/delete/", views.RecordDelete.as_view(), name="record-delete"),
    path("<uuid:record_id>/cells/<slug:column>/", cell_editing.RecordCell.as_view(), name="record-cell"),
    path("<uuid:record_id>/files/<uuid:file_id>/", file_views.RecordFile.as_view(), name="record-file"),
]

urlpatterns = [
    path("projects/<uuid:project_id>/record-counts/", counts.RecordCounts.as_view(), name="record-counts"),
    path("projects/<uuid:project_id>/data/<slug:table>/", include(table)),
]
