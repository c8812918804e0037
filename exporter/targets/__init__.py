"""The targets that an application can be exported to."""

from exporter.targets.base import Export, ExportTarget, Stream, targets
from exporter.targets.django import DjangoTarget
from exporter.targets.nextjs import NextjsTarget
from exporter.targets.sql import SqlTarget
from exporter.targets.types import JsonSchemaTarget, TypescriptTarget

for target in (NextjsTarget(), DjangoTarget(), SqlTarget(), TypescriptTarget(), JsonSchemaTarget()):
    targets.register(target.key, target)

__all__ = ["Export", "ExportTarget", "Stream", "targets"]
