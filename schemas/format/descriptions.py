"""What the keys of a schema document mean, for editors that show it beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ID: Final = (
    "Says which {} this is, whatever its name: with the same id, another name is a rename. Left out, it is given."
)
_RENAMED_FROM: Final = "The name in the version before, where the document has no ids."

_COLUMN: Final[Mapping[str, str]] = {
    "id": _ID.format("column"),
    "label": "What people read; by default made from the name.",
    "help_text": "What people read beside the field in forms.",
    "required": "Whether every record has a value.",
    "unique": "Whether no two records have the same value.",
    "renamed_from": _RENAMED_FROM,
    "default": "The value of new records that are given none.",
}

DESCRIPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "document": {
        "$schema": "Where this JSON Schema is found, for editors. It says nothing about the application.",
        "version": 'Three numbers with points between them, such as "1.0.0".',
        "name": "What the application is called.",
        "tables": "The tables: what the application keeps records of.",
        "relationships": "The links between records.",
    },
    "table": {
        "id": _ID.format("table"),
        "name": "Its name in PostgreSQL and in the API: lower-case words with underscores, in the plural.",
        "description": "What its records are, in a sentence.",
        "access": '"private": a record is its owner\'s. "project": every member of the project sees it.',
        "renamed_from": _RENAMED_FROM,
        "ui_hints": "How people see the table. Nothing of it reaches PostgreSQL.",
        "columns": "Its columns in the order of forms. Every table has id, user_id, created_at and updated_at besides.",
        "indexes": "Columns that are often filtered or sorted together. Those of relations have an index anyway.",
        "unique": "Sets of columns that no two records share.",
    },
    "index": {"columns": "The columns in the order of the index: first those that are compared with a single value."},
    "ui_hints": {
        "label": 'What one record is called, such as "Property".',
        "label_plural": 'What the records are called, such as "Properties".',
        "icon": 'A Material Symbol, such as "home" or "event_available".',
        "title_column": "The column that names a record to people.",
        "default_sort": 'The column that lists are sorted by, such as "name", or "-created_at" for the newest first.',
        "list_columns": "The columns that a list shows.",
    },
    "column": {
        "name": "Its name in PostgreSQL and in the API: lower-case words with underscores.",
        "type": "What its values are.",
        **_COLUMN,
    },
    "relationship": {
        **_COLUMN,
        "from_table": "The table whose records have the link.",
        "from_column": "Its column with the link, such as agent_id; for links to many records a plural, such as tags.",
        "to_table": "The table whose records are linked.",
        "type": "How many records may be linked, and by how many.",
        "on_delete": "What becomes of a record when the one that it links to is deleted.",
    },
    "option": {
        "value": "What is stored.",
        "label": "What people read; by default made from the value.",
        "color": "The colour of its badge.",
    },
}
