"""Replay of any chain of decisions, without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import DecisionTrace, VibeConfig
from schemas.diff import diff
from schemas.document import Json, Schema
from schemas.generation.edits import OperationError
from schemas.generation.operations import operations
from schemas.generation.pipeline import settle
from schemas.replay import replay
from schemas.validation import validate
from schemas.versions import next_version
from tests.schemas.strategies import COLUMN_NAMES, PLAIN_TYPES, TABLE_NAMES, documents, plain_columns


class Story:
    """A project that is talked about, without a database: what the product would have stored of it."""

    def __init__(self) -> None:
        self.configs: list[VibeConfig] = []
        self.traces: dict[UUID, DecisionTrace] = {}
        self.draft: DecisionTrace | None = None

    @property
    def active(self) -> Schema | None:
        return Schema.from_json(self.configs[-1].document) if self.configs else None

    @property
    def schema(self) -> Schema | None:
        return Schema.from_json(self.draft.document) if self.draft else self.active

    def decide(self, answer: dict[str, Json]) -> None:
        """Stores the decision if its answer leads to a schema."""
        try:
            settled = settle(answer, self.schema).schema
        except OperationError:
            return
        if settled is None:
            return
        parent = self.configs[-1].pk if self.configs else None
        self.draft = DecisionTrace(
            base_id=self.draft.pk if self.draft else None, parent_id=parent, prompt="x",
            draft=stored(answer), document=stored(settled.to_json()),
        )  # fmt: skip
        self.traces[self.draft.pk] = self.draft

    def change(self, picks: list[tuple[str, int, int, str, Json]]) -> None:
        """Stores operations on what there is, picked by number."""
        if self.schema:
            self.decide({"operations": [operation_on(self.schema, *pick) for pick in picks]})

    def undo(self) -> None:
        self.draft = self.traces.get(self.draft.base_id) if self.draft and self.draft.base_id else None

    def publish(self) -> None:
        """The draft as the next version, if it changes something."""
        if self.draft is None:
            return
        schema = validate(self.draft.document, self.active).schema
        assert schema is not None
        if changes := diff(self.active, schema):
            version = next_version(self.active, changes)
            parent = self.configs[-1].pk if self.configs else None
            document = stored(replace(schema, version=version).to_json())
            number = len(self.configs) + 1
            self.configs.append(
                VibeConfig(number=number, version=version, document=document, trace=self.draft, parent_id=parent)
            )
        self.draft = None


def stored(data: Json) -> Json:
    """JSON as it comes back from PostgreSQL, which keeps no order of keys."""
    return json.loads(json.dumps(data, sort_keys=True))


def operation_on(schema: Schema, op: str, first: int, second: int, name: str, column: Json) -> dict[str, Json]:
    """An operation on a table and a column of the schema, picked by number."""
    table = schema.tables[first % len(schema.tables)]
    picked = table.columns[second % len(table.columns)].name
    target = schema.tables[second % len(schema.tables)].name
    relation = {"from_table": table.name, "from_column": f"{name}_id", "to_table": target, "on_delete": "set_null"}
    facts: dict[str, dict[str, Json]] = {
        "add_table": {"table": {"name": name, "columns": [column]}},
        "add_column": {"column": column | {"name": name}},
        "rename_table": {"new_name": name},
        "rename_column": {"column": picked, "new_name": name},
        "change_column": {"column": picked, "set": {"label": "Called so", "required": second % 2 == 0}},
        "drop_column": {"column": picked},
        "drop_relation": {"column": picked},
        "add_relation": {"relationship": relation | {"type": "many_to_one"}},
    }
    return {"op": op, "table": table.name, **facts.get(op, {})}


picks = st.tuples(
    st.sampled_from(operations.names()),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from([*TABLE_NAMES, *COLUMN_NAMES]),
    st.sampled_from(PLAIN_TYPES).flatmap(plain_columns).map(lambda column: {"name": "fresh", **column}),
)
acts = st.one_of(
    st.lists(picks, min_size=1, max_size=3).map(lambda some: ("change", some)),
    st.sampled_from([("publish", None), ("undo", None)]),
    documents().map(lambda document: ("decide", {"document": document})),
)


@settings(max_examples=60, deadline=None)
@given(documents(), st.lists(acts, min_size=4, max_size=12))
def test_whatever_is_decided_is_replayed(first: Json, then: list[tuple[str, Any]]) -> None:
    story = Story()
    story.decide({"document": first})
    for act, answer in [*then, ("publish", None)]:
        getattr(story, act)(*([answer] if answer else []))

    for config, each in zip(story.configs, replay(story.configs, story.traces), strict=True):
        assert (each.config, each.finding, each.note) == (config, "reproduced", "")
