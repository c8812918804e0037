"""The target `django`: a Django project with pages, an API, an admin and row-level security."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from exporter.context import AppContext, TableContext
from exporter.migration import guards
from exporter.python_code import imported, statement
from exporter.row_security import Roles
from exporter.rows import ProjectRows
from exporter.targets.base import ExportTarget, Stream
from exporter.targets.django_limits import is_left_to_sql
from exporter.targets.django_links import DjangoLink, django_links
from exporter.targets.django_migration import DjangoMigration
from exporter.targets.django_names import LINKS_MODULE, ProjectNames, project_names
from exporter.targets.django_rows import fixture, last_numbers
from exporter.targets.django_tables import DjangoTable, django_tables

_LONGEST_ROLE: Final = 50
_PARTS = re.compile(r"[0-9]+|[^0-9]+")


class DjangoTarget(ExportTarget):
    """A complete Django project: models, migrations, admin, API, pages and tests."""

    key = "django"
    label = "Django and PostgreSQL"
    description = "A complete Django project with pages, an API, an admin and tests, which runs with `make run`."
    takes_rows = True
    reserved_slugs = frozenset({"accounts", "admin", "api", "healthz", "static"})

    def app_values(self, app: AppContext) -> Mapping[str, Any]:
        """Besides the application: its tables as Django sees them, its migrations, its roles."""
        names, roles = project_names(app), _roles(app)
        views, links = django_tables(app, names), django_links(app, names)
        return {
            "app": app,
            "tables": app.tables,
            "views": views,
            "view_of": {view.facts.name: view for view in views},
            "links": links,
            "model_imports": _model_imports(views, links),
            "migration": DjangoMigration(views, links),
            "roles": roles,
            "security": guards(_in_postgresql(app, names, views), roles),
            "has_foreign_keys": any(column.reference for table in app.tables for column in table.columns) or links,
            "shared": statement(
                "SHARED: list[str]", [view.facts.slug for view in views if view.facts.access != "private"]
            ),
            "has_files": any(column.kind == "files" for table in app.tables for column in table.columns),
            "app_name": statement("APP_NAME", app.name),
            "member_role": statement("MEMBER_ROLE", roles.member),
            "admin_role": statement("ADMIN_ROLE", roles.admin),
        }

    def table_parts(self, app: AppContext) -> Mapping[str, str]:
        """The modules of the models."""
        return {name: names.module for name, names in project_names(app).tables.items()}

    def streams(self, app: AppContext, rows: ProjectRows) -> Mapping[str, Stream]:
        """The fixtures, whose rows are read while they are written."""
        names = project_names(app)
        views = django_tables(app, names)
        return {
            "fixtures/records.jsonl": lambda: fixture(views, django_links(app, names), rows),
            "fixtures/numbers.json": lambda: last_numbers(views, rows),
        }


def _roles(app: AppContext) -> Roles:
    """The roles of PostgreSQL; a server has them for all its databases, so they begin with the application's name."""
    words = app.slug.replace("-", "_")[:_LONGEST_ROLE].strip("_")
    name = words if words[:1].isalpha() else f"app_{words}"
    return Roles(member=f"{name}_member", admin=f"{name}_admin")


def _model_imports(views: list[DjangoTable], links: list[DjangoLink]) -> list[str]:
    """One import a module, in the order that linters want."""
    found = {view.names.module: [view.names.model] for view in views}
    if links:
        found[LINKS_MODULE] = sorted(link.names.model for link in links)
    return [imported(f"records.models.{module}", found[module]) for module in sorted(found, key=_natural)]


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """What names are sorted by where numbers in them count as numbers."""
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _PARTS.findall(name)]


def _in_postgresql(app: AppContext, names: ProjectNames, views: list[DjangoTable]) -> AppContext:
    """The application with the names that its tables have in PostgreSQL, and the limits that its models do not say."""
    unsaid = {(view.facts.name, one.facts.name) for view in views for one in view.columns if is_left_to_sql(one)}

    def renamed(table: TableContext) -> TableContext:
        columns = tuple(
            replace(
                column,
                checks=column.checks if (table.name, column.name) in unsaid else (),
                reference=column.reference
                and replace(column.reference, table=names.tables[column.reference.table].table),
            )
            for column in table.columns
        )
        return replace(table, name=names.tables[table.name].table, columns=columns)

    return replace(app, tables=tuple(map(renamed, app.tables)), junctions=tuple(map(renamed, app.junctions)))
