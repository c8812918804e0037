"""Addresses of the pages of records."""

from __future__ import annotations

from django.urls import include, path

from dynamic_crud import (
    bulk_pages,
    cell_editing,
    counts,
    file_views,
    filter_builder,
    list_columns,
    list_page,
    openapi_views,
    views,
)
from dynamic_crud.csv_import import views as csv_import
from dynamic_crud.trash import views as trash

table = [
    path("", list_page.RecordList.as_view(), name="record-list"),
    path("filters/", filter_builder.RecordFilters.as_view(), name="record-filters"),
    path("columns/", list_columns.RecordColumns.as_view(), name="record-columns"),
    path("new/", views.RecordCreate.as_view(), name="record-create"),
    path("bulk/edit/", bulk_pages.BulkEdit.as_view(), name="record-bulk-edit"),
    path("bulk/delete/", bulk_pages.BulkDelete.as_view(), name="record-bulk-delete"),
    path("bulk/<uuid:job_id>/done/", bulk_pages.BulkDone.as_view(), name="record-bulk-done"),
    path("import/", csv_import.ImportUpload.as_view(), name="record-import"),
    path("import/<uuid:import_id>/", csv_import.ImportColumns.as_view(), name="record-import-columns"),
    path("import/<uuid:import_id>/preview/", csv_import.ImportPreview.as_view(), name="record-import-preview"),
    path("import/<uuid:import_id>/done/", csv_import.ImportDone.as_view(), name="record-import-done"),
    path("import/<uuid:import_id>/undo/", csv_import.ImportUndo.as_view(), name="record-import-undo"),
    path("import/<uuid:import_id>/cancel/", csv_import.ImportCancel.as_view(), name="record-import-cancel"),
    path("import/<uuid:import_id>/refused/", csv_import.ImportRefused.as_view(), name="record-import-refused"),
    path("choices/", views.RecordChoices.as_view(), name="record-choices"),
    path("<uuid:record_id>/", views.RecordDetail.as_view(), name="record-detail"),
    path("<uuid:record_id>/edit/", views.RecordEdit.as_view(), name="record-edit"),
    path("<uuid:record_id>/delete/", views.RecordDelete.as_view(), name="record-delete"),
    path("<uuid:record_id>/cells/<slug:column>/", cell_editing.RecordCell.as_view(), name="record-cell"),
    path("<uuid:record_id>/files/<uuid:file_id>/", file_views.RecordFile.as_view(), name="record-file"),
]

urlpatterns = [
    path("projects/<uuid:project_id>/api/", openapi_views.ProjectApiPage.as_view(), name="project-api"),
    path("projects/<uuid:project_id>/record-counts/", counts.RecordCounts.as_view(), name="record-counts"),
    path("projects/<uuid:project_id>/data/<slug:table>/", include(table)),
    path("projects/<uuid:project_id>/trash/", trash.TrashList.as_view(), name="trash"),
    path("projects/<uuid:project_id>/trash/<uuid:batch>/", trash.TrashBatch.as_view(), name="trash-batch"),
    path("projects/<uuid:project_id>/trash/<uuid:batch>/restore/", trash.TrashRestore.as_view(), name="trash-restore"),
    path("projects/<uuid:project_id>/trash/<uuid:batch>/delete/", trash.TrashDelete.as_view(), name="trash-delete"),
]
