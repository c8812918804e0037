"""The targets that an application can be exported to."""

from exporter.targets.base import Export, ExportTarget, targets
from exporter.targets.nextjs import NextjsTarget

targets.register(NextjsTarget.key, NextjsTarget())

__all__ = ["Export", "ExportTarget", "targets"]
