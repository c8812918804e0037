"""Random changes of a document, one function a kind. Each says whether it found something to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Final

from schemas.document import Schema
from schemas.validation import validate
from tests.provisioning.differential.mutations import (
    columns,
    links,
    numbers,
    relations,
    returning,
    sets,
    tables,
    types,
)
from tests.provisioning.documents import Document

Mutation = Callable[[Random, Document, Sequence[Document]], bool]
"""Changes a document in its place. The last argument are the versions before it, the newest last."""

KINDS: Final[dict[str, Mutation]] = {
    mutation.__name__: mutation
    for mutation in (
        tables.add_table,
        tables.drop_table,
        tables.drop_table_that_others_point_to,
        tables.rename_table,
        tables.swap_tables,
        tables.rename_table_and_add_column,
        tables.change_access,
        tables.change_hints,
        columns.add_column,
        columns.drop_column,
        columns.rename_column,
        columns.swap_columns,
        types.change_type_without_loss,
        types.change_type_with_loss,
        types.change_digits,
        types.change_length,
        columns.require,
        columns.require_with_default,
        columns.make_optional,
        columns.change_default,
        columns.add_option,
        columns.drop_option,
        columns.add_unique,
        columns.drop_unique,
        sets.add_unique_set,
        sets.drop_unique_set,
        sets.add_index,
        sets.drop_index,
        relations.add_relation,
        relations.drop_relation,
        relations.retarget_relation,
        relations.change_on_delete,
        relations.change_cardinality,
        relations.add_circle,
        links.add_links,
        links.drop_links,
        links.retarget_links,
        links.rename_links,
        numbers.add_number,
        numbers.drop_number,
        numbers.change_start,
        returning.bring_back_table,
        returning.bring_back_column,
    )
}
"""The kinds of change by their names. A seed forces the kind at its place, so new ones belong at the end."""


def mutated(
    random: Random, schema: Schema, kinds: Sequence[str], history: Sequence[Schema] = ()
) -> tuple[Schema, list[str]] | None:
    """A valid schema with changes of some kinds, and the kinds that found something to change.

    Args:
        random: where chance comes from.
        schema: the schema that changes.
        kinds: the kinds; without the first, which has to find something, there is no result.
        history: the versions before it, the newest last.
    """
    earlier = [version.to_json() for version in history]
    for _ in range(6):
        found: list[str] = []
        result, document = schema, schema.to_json()
        for name in kinds:
            draft = deepcopy(document)
            if not KINDS[name](random, draft, earlier):
                continue
            validation = validate(draft, schema)
            if validation.schema is not None:
                result, document = validation.schema, validation.schema.to_json()
                found.append(name)
        if kinds[0] in found and result.content_hash != schema.content_hash:
            return result, found
    return None
