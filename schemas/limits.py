"""How large a schema document may be. Each limit is a setting of the same name."""

from __future__ import annotations

from typing import Final

from django.conf import settings

SCHEMA_MAX_TABLES: Final = 100
SCHEMA_MAX_COLUMNS: Final = 200
SCHEMA_MAX_OPTIONS: Final = 500
SCHEMA_MAX_BYTES: Final = 256 * 1024


def max_tables() -> int:
    """Tables in a document."""
    return _setting("SCHEMA_MAX_TABLES", SCHEMA_MAX_TABLES)


def max_columns() -> int:
    """Columns and relations of a table, without the system columns."""
    return _setting("SCHEMA_MAX_COLUMNS", SCHEMA_MAX_COLUMNS)


def max_options() -> int:
    """Options of a select column."""
    return _setting("SCHEMA_MAX_OPTIONS", SCHEMA_MAX_OPTIONS)


def max_bytes() -> int:
    """Bytes of a document, written as JSON without spaces in UTF-8."""
    return _setting("SCHEMA_MAX_BYTES", SCHEMA_MAX_BYTES)


def _setting(name: str, default: int) -> int:
    return int(getattr(settings, name, default))
