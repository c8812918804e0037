"""Values as PostgreSQL works them out: what the model of the rows asks where it knows no better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from core import sql
from schemas.column_types import column_types, conversion
from schemas.document import Column
from tests.provisioning.differential.rows import UNKNOWN, Values
from tests.provisioning.differential.session import Session, literal, read


class Calculator:
    """Works out values without a table.

    Args:
        session: where.
    """

    def __init__(self, session: Session) -> None:
        self.session = session

    def convert(self, before: Column, after: Column, values: Mapping[UUID, Any]) -> Values:
        """Values of a column as values of another."""
        if not values:
            return {}
        old = replace(before, name="old_value")
        found = conversion(old, after)
        assert found is not None, (before, after)
        kind = column_types.get(before.type).sql_type(before)
        lines = [
            sql.format("({row}, {value})", row=literal(row, "uuid"), value=literal(value, kind))
            for row, value in values.items()
        ]
        statement = sql.format(
            # Not folded into the query, where PostgreSQL would work out the parts of a CASE beforehand.
            "with given (id, old_value) as materialized (values {lines}) select id, {value} from given",
            value=read(after, found.value),
            lines=sql.join(", ", lines),
        )
        return dict(self.session.query(sql.text(statement)))

    def meaning(self, column: Column, values: Mapping[UUID, Any]) -> Values:
        """Values as JSON has them, numbers without the zeros at their end; and as text."""
        if not values:
            return {}
        kind = column_types.get(column.type).sql_type(column)
        lines = [
            sql.format("({row}, to_jsonb({value}))", row=literal(row, "uuid"), value=literal(value, kind))
            for row, value in values.items()
        ]
        query = (
            "select id, array[case jsonb_typeof(value) when 'number' then trim_scale(value::numeric)::text "
            "else value::text end, value #>> '{{}}'] from (values {lines}) as given (id, value)"
        )
        return dict(self.session.query(sql.text(sql.format(query, lines=sql.join(", ", lines)))))

    def default(self, column: Column) -> Any:
        """What a column's default gives a row; None for a column without one."""
        kind = column_types.get(column.type)
        value = kind.default_sql(column)
        if value is None:
            return None
        if column.default == "uuid" and kind.key == "uuid":
            return UNKNOWN
        value = sql.format("({value})::{kind}", value=value, kind=sql.type_name(kind.sql_type(column)))
        ((found,),) = self.session.query(sql.text(sql.format("select {value}", value=read(column, value))))
        return found
