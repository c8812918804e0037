"""PostgREST as far as exported applications need it, in a real PostgreSQL: its policies decide, nothing here does.

Rows are read and written by SQL as the role `authenticated` with the claims of the request, each request in a
transaction of its own. Embedded relations are found by the foreign keys that the database has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from core import sql
from tests.fakes.postgrest_query import AnyOf, Filter, Item, Query, Unreadable, read

_FOREIGN_KEYS = """
select c.conname, s.relname, a.attname, t.relname from pg_constraint c
  join pg_class s on s.oid = c.conrelid join pg_class t on t.oid = c.confrelid
  join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
where c.contype = 'f' and s.relnamespace = 'public'::regnamespace and t.relnamespace = 'public'::regnamespace
"""
_STATUS = {"23502": 400, "23503": 409, "23505": 409, "42501": 403}
"""How PostgREST answers what PostgreSQL refuses; 400 for the rest."""


class Refused(Exception):
    """An answer other than success, as PostgREST words it."""

    def __init__(self, status: int, code: str, message: str, details: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "details": details, "hint": None}


@dataclass(frozen=True)
class ForeignKey:
    """A link between two tables."""

    name: str
    table: str
    column: str
    target: str


@dataclass(frozen=True)
class Request:
    """A request to a table.

    Args:
        claims: of whoever is signed in; empty for nobody.
        prefer: the preferences that it states.
    """

    method: str
    table: str
    parameters: list[tuple[str, str]]
    body: Any
    claims: dict[str, Any]
    prefer: frozenset[str]
    wants_one: bool


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    rows: Any
    content_range: str = ""


class Postgrest:
    """The tables of one database."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def keys(self) -> list[ForeignKey]:
        """All foreign keys between its tables."""
        with psycopg.connect(self.url, row_factory=tuple_row) as connection:
            return [ForeignKey(*row) for row in connection.execute(_FOREIGN_KEYS)]

    def answer(self, request: Request) -> Answer:
        """Carries a request out; raises `Refused`, and then nothing has changed."""
        try:
            query = read(request.parameters)
            with psycopg.connect(self.url, row_factory=tuple_row) as connection:
                sign_in(connection, request.claims)
                carry_out = self._read if request.method in ("GET", "HEAD") else self._write
                return carry_out(connection, request, query)
        except Unreadable as error:
            raise Refused(400, "PGRST100", f"failed to parse: {error}") from error
        except psycopg.Error as error:
            code = error.sqlstate or "XX000"
            raise Refused(_STATUS.get(code, 400), code, error.diag.message_primary or str(error)) from error

    def _read(self, connection: psycopg.Connection[Any], request: Request, query: Query) -> Answer:
        source = sql.identifier("public", request.table)
        where = sql.format("from {source} t where {where}", source=source, where=_where(query))
        rows = [] if request.method == "HEAD" else self._rows(connection, request.table, query, where)
        if request.wants_one:
            return Answer(HTTPStatus.OK, _the_one(rows))
        if "count=exact" not in request.prefer:
            return Answer(HTTPStatus.OK, rows)
        (count,) = connection.execute(sql.format("select count(*) {where}", where=where)).fetchone() or (0,)
        if query.offset and query.offset >= count:
            raise Refused(416, "PGRST103", "Requested range not satisfiable", f"An offset of {query.offset} was asked")
        seen = f"{query.offset}-{query.offset + len(rows) - 1}" if rows else "*"
        partial = len(rows) < count and request.method == "GET"
        return Answer(HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK, rows, f"{seen}/{count}")

    def _rows(
        self, connection: psycopg.Connection[Any], table: str, query: Query, source: sql.Composable
    ) -> list[dict[str, Any]]:
        rest = [self._order(table, query)]
        if query.limit is not None:
            rest.append(sql.format(" limit {limit}", limit=sql.literal(query.limit)))
        rest.append(sql.format(" offset {offset}", offset=sql.literal(query.offset)))
        statement = sql.format(
            "select row_to_json(x) from (select {items} {source}{rest}) x",
            items=self._items(table, "t", query.select),
            source=source,
            rest=sql.join("", rest),
        )
        return [row for (row,) in connection.execute(statement)]

    def _items(self, table: str, alias: str, items: tuple[Item, ...]) -> sql.Composable:
        parts: list[sql.Composable] = []
        for item in items:
            if item.embedded is not None:
                value = self._embedded(table, alias, item)
            elif item.name == "*":
                parts.append(sql.format("{alias}.*", alias=sql.identifier(alias)))
                continue
            else:
                value = sql.identifier(alias, item.name)
                if item.cast:
                    value = sql.format("{value}::{cast}", value=value, cast=sql.type_name(item.cast))
            parts.append(sql.format("{value} as {label}", value=value, label=sql.identifier(item.label)))
        return sql.join(", ", parts)

    def _embedded(self, table: str, alias: str, item: Item) -> sql.Composable:
        """The row that a key of this table leads to, or all those of another whose key leads here."""
        key, is_many = self._key(table, item)
        inner = f"{alias}_{item.label}"[:60]
        other, own = (key.table, key.column) if is_many else (key.target, "id")
        parts = {
            "items": self._items(other, inner, item.embedded or ()),
            "table": sql.identifier("public", other),
            "inner": sql.identifier(inner),
            "own": sql.identifier(inner, own),
            "link": sql.identifier(alias, "id" if is_many else key.column),
        }
        rows = sql.format("select {items} from {table} {inner} where {own} = {link}", **parts)
        if is_many:
            return sql.format("(select coalesce(json_agg(row_to_json(e)), '[]') from ({rows}) e)", rows=rows)
        return sql.format("(select row_to_json(e) from ({rows}) e)", rows=rows)

    def _key(self, table: str, item: Item) -> tuple[ForeignKey, bool]:
        """The foreign key that an embedded relation follows, and whether it leads here."""
        found = [
            (key, is_many)
            for key in self.keys
            for is_many in (False, True)
            if (key.target if is_many else key.table) == table
            and item.name in (key.name, *((key.table,) if is_many else (key.target, key.column)))
            and item.hint in ("", key.name, key.column)
        ]
        if not found:
            raise Refused(400, "PGRST200", f"Could not find a relationship between '{table}' and '{item.name}'")
        if len(found) > 1:
            raise Refused(300, "PGRST201", f"More than one relationship was found for '{table}' and '{item.name}'")
        return found[0]

    def _order(self, table: str, query: Query) -> sql.Composable:
        parts = []
        embedded = {item.label: item for item in query.select if item.embedded is not None}
        for order in query.order:
            value: sql.Composable = sql.identifier("t", order.column)
            if order.relation:
                if order.relation not in embedded:
                    raise Refused(400, "PGRST108", f"'{order.relation}' is not an embedded resource in this request")
                key, is_many = self._key(table, embedded[order.relation])
                if is_many:
                    raise Refused(400, "PGRST118", f"'{order.relation}' and '{table}' form no many-to-one relationship")
                value = sql.format(
                    "(select o.{column} from {target} o where o.id = t.{link})",
                    column=sql.identifier(order.column),
                    target=sql.identifier("public", key.target),
                    link=sql.identifier(key.column),
                )
            parts.append(sql.format("{value} desc" if order.descending else "{value}", value=value))
        return sql.format(" order by {parts}", parts=sql.join(", ", parts)) if parts else sql.SQL("")

    def _write(self, connection: psycopg.Connection[Any], request: Request, query: Query) -> Answer:
        parts = {
            "table": sql.identifier("public", request.table),
            "where": _where(query),
            "body": sql.literal(json.dumps(request.body if isinstance(request.body, list) else [request.body])),
        }
        if request.method != "DELETE":
            first = request.body[0] if isinstance(request.body, list) else request.body
            parts["columns"] = sql.identifiers(first)
        statement = {
            "POST": (
                "insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, {body})"
            ),
            "PATCH": (
                "update {table} t set ({columns}) = "
                "(select {columns} from json_populate_recordset(null::{table}, {body})) where {where}"
            ),
            "DELETE": "delete from {table} t where {where}",
        }[request.method]
        written = sql.format(statement, **parts)
        if "return=representation" not in request.prefer:
            connection.execute(written)
            return Answer(HTTPStatus.CREATED if request.method == "POST" else HTTPStatus.NO_CONTENT, None)
        shown = sql.format(
            "with written as ({written} returning *) select row_to_json(x) from (select {items} from written t) x",
            written=written,
            items=self._items(request.table, "t", query.select),
        )
        rows = [row for (row,) in connection.execute(shown)]
        status = HTTPStatus.CREATED if request.method == "POST" else HTTPStatus.OK
        return Answer(status, _the_one(rows) if request.wants_one else rows)


def sign_in(connection: psycopg.Connection[Any], claims: dict[str, Any]) -> None:
    """Makes the transaction that of whoever the claims name."""
    role = "authenticated" if claims else "anon"
    connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims) if claims else ""])
    connection.execute("select set_config('role', %s, true)", [role])


def _where(query: Query) -> sql.Composable:
    conditions = [
        sql.format("({any})", any=sql.join(" or ", [_condition(part) for part in entry.filters]))
        if isinstance(entry, AnyOf)
        else _condition(entry)
        for entry in query.where
    ]
    return sql.join(" and ", conditions) if conditions else sql.SQL("true")


def _condition(entry: Filter) -> sql.Composable:
    column = sql.identifier("t", entry.column)
    if not entry.values:
        return sql.format("{column} is null", column=column)
    if entry.operator == "in":
        return sql.format("{column} in ({values})", column=column, values=sql.literals(entry.values))
    operator = sql.SQL(f" {entry.operator} ")
    return sql.join("", [column, operator, sql.literal(entry.values[0])])


def _the_one(rows: list[Any]) -> Any:
    if len(rows) != 1:
        detail = f"The result contains {len(rows)} rows"
        raise Refused(406, "PGRST116", "Cannot coerce the result to a single JSON object", detail)
    return rows[0]
