"""Importing a CSV file into a table: reading it, matching its columns, checking every line, adding the records."""

from __future__ import annotations
