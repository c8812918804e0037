"""How a blueprint says what a column's samples are: recipes, written as JSON.

A text is itself, with what stands in braces filled in. A list offers its entries in turn, shuffled. An object is a
recipe by its first key. Anything else is the value itself. `README.md` of the blueprints lists them with examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from schemas.blueprints.samples import vocabulary
from schemas.blueprints.samples.cells import Cell, Row, is_among
from schemas.document import Json

_BRACES: Final = re.compile(r"\{([^{}]+)\}")
_QUARTER: Final = 15
_SATURDAY: Final = 5

Recipe = Callable[[Cell, Mapping[str, Any]], Any]


def cook(cell: Cell, recipe: Json) -> Any:
    """The value that a recipe makes; raises `SampleError` for what is no recipe."""
    if isinstance(recipe, str):
        return _linked(cell, recipe[1:]) if cell.column.is_relation else _worded(cell, recipe)
    if isinstance(recipe, list | tuple):
        return cook(cell, cell.dealt(recipe))
    if not isinstance(recipe, Mapping):
        return recipe
    name = next(iter(recipe), "")
    if name not in _RECIPES:
        raise cell.error(f"there is no recipe {name!r}")
    return _RECIPES[name](cell, recipe)


def rows_where(cell: Cell, table: str, conditions: Mapping[str, Any]) -> list[Row]:
    """The records of a table that meet all conditions, each a column with a value, a list of values or a recipe."""
    wanted = {name: cook(cell, value) if isinstance(value, Mapping) else value for name, value in conditions.items()}
    return [
        row
        for row in cell.data.rows(table)
        if all(is_among(cell.data.value(row, name), value) for name, value in wanted.items())
    ]


def one_link(cell: Cell, candidates: Sequence[Row]) -> Row | None:
    """One of the records: each is linked to once before chance decides.

    A record links only to earlier ones of its own table, so that no circle closes.
    """
    if cell.column.config["to_table"] == cell.row.table.name:
        candidates = [row for row in candidates if row.number < cell.row.number]
    if not candidates:
        return None
    is_shared_out = cell.column.unique or any(cell.column.name in group for group in cell.row.table.unique)
    if cell.attempt:
        return candidates[(cell.row.number + cell.attempt) % len(candidates)]
    if is_shared_out or cell.row.number < len(candidates):
        return cell.dealt(candidates)
    return cell.chance().choice(candidates)


def many_links(cell: Cell, candidates: Sequence[Row], least: int, most: int) -> list[Row]:
    """Some of the records, in their order."""
    if cell.column.config["to_table"] == cell.row.table.name:
        candidates = [row for row in candidates if row.number < cell.row.number]
    draw = cell.chance()
    number = min(draw.randint(least, most), len(candidates))
    return sorted(draw.sample(list(candidates), number), key=lambda row: row.number)


def _linked(cell: Cell, key: str) -> Row | None:
    """`@key`: the written record of that key; another one where it is not among those asked for."""
    target = cell.column.config["to_table"]
    found = cell.data.keyed(target, key)
    return one_link(cell, cell.data.rows(target)) if found is None and cell.column.required else found


def _worded(cell: Cell, text: str) -> str:
    return _BRACES.sub(lambda found: _word(cell, found[1], found.start()), text)


def _word(cell: Cell, name: str, place: int) -> str:
    """What stands for `{any person}`, `{n}` or `{unit_id.name|slug}`."""
    path, _, change = name.partition("|")
    number, deck = cell.row.number + cell.attempt * 101, (cell.data.seed, cell.row.table.name, cell.column.name, place)
    made: dict[str, Callable[[], object]] = {
        "n": lambda: cell.row.number + 1,
        "any person": lambda: vocabulary.person(number, *deck),
        "any first name": lambda: vocabulary.person(number, *deck).first,
        "any last name": lambda: vocabulary.person(number, *deck).last,
        "any company": lambda: vocabulary.company(number, *deck),
        "any street": lambda: vocabulary.street(number, *deck),
        "home city": lambda: vocabulary.home(cell.data.seed).city,
    }
    value = made[path]() if path in made else cell.look(path)
    if isinstance(value, Row):
        title = value.table.title_column
        value = cell.data.value(value, title.name) if title else None
    text = "" if value is None else str(value)
    if change and change not in _CHANGES:
        raise cell.error(f"there is no change {change!r}")
    return _CHANGES[change](text) if change else text


def _days(cell: Cell, recipe: Mapping[str, Any]) -> date | datetime | None:
    """A day so many days from today, or from a date of the record; with `time`, a moment of that day."""
    start = cell.look(recipe["after"]) if "after" in recipe else cell.data.today
    if start is None:
        return None
    draw, span = cell.chance(), recipe["days"]
    days = draw.randint(*span) if isinstance(span, list | tuple) else span
    day = start.date() if isinstance(start, datetime) else start
    day += timedelta(days=days)
    if recipe.get("workdays") and day.weekday() >= _SATURDAY:
        day += timedelta(days=7 - day.weekday()) if days > 0 else timedelta(days=_SATURDAY - 1 - day.weekday())
    if "until" in recipe:
        limit = cell.data.today if recipe["until"] == "today" else cell.look(recipe["until"])
        day = day if limit is None else min(day, limit)
    return datetime.combine(day, _time(cell, recipe["time"]), UTC) if "time" in recipe else day


def _months(cell: Cell, recipe: Mapping[str, Any]) -> date:
    """That day of the month so many months from today's."""
    year, month = divmod(cell.data.today.year * 12 + cell.data.today.month - 1 + recipe["months"], 12)
    return date(year, month + 1, recipe.get("day", 1))


def _time(cell: Cell, span: Json) -> time:
    """A time of day, or a quarter of an hour between two."""
    if isinstance(span, str):
        return time.fromisoformat(span)
    first, last = (time.fromisoformat(str(text)) for text in span)
    minutes = range(first.hour * 60 + first.minute, last.hour * 60 + last.minute + 1, _QUARTER)
    hour, minute = divmod(cell.chance("time").choice(minutes), 60)
    return time(hour, minute)


def _minutes(cell: Cell, recipe: Mapping[str, Any]) -> timedelta | datetime | None:
    """A length of time; with `after`, the moment so long after another."""
    least, most = recipe["minutes"]
    length = timedelta(minutes=int(_number(cell, least, most, recipe.get("step", 5))))
    if "after" not in recipe:
        return length
    start = cell.look(recipe["after"])
    return None if start is None else start + length


def _between(cell: Cell, recipe: Mapping[str, Any]) -> Decimal | time:
    """A number from the first to the second, in steps; of two times of day, one between them."""
    low, high = recipe["between"]
    return _time(cell, (low, high)) if isinstance(low, str) else _number(cell, low, high, recipe.get("step", 1))


def _number(cell: Cell, low: float, high: float, step: float) -> Decimal:
    first, last, stride = (Decimal(str(number)) for number in (low, high, step))
    return first + stride * cell.chance().randint(0, int((last - first) / stride))


def _by(cell: Cell, recipe: Mapping[str, Any]) -> Any:
    """The recipe for what another value is. A date is `past` until yesterday, and `future` from today."""
    value = cell.look(recipe["by"])
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        value = "past" if day < cell.data.today else "future"
    key = str(value).lower() if isinstance(value, bool | None) else str(value)
    for names, case in recipe["cases"].items():
        if key in names.split(", "):
            return cook(cell, case)
    return cook(cell, recipe.get("else"))


def _sometimes(cell: Cell, recipe: Mapping[str, Any]) -> Any:
    return cook(cell, recipe["sometimes"]) if cell.chance("sometimes").random() < recipe["chance"] else None


def _weights(cell: Cell, recipe: Mapping[str, Any]) -> Any:
    """Some values more often than others."""
    return cook(cell, [value for value, weight in recipe["weights"].items() for _ in range(weight)])


def _some(cell: Cell, recipe: Mapping[str, Any]) -> list[Json]:
    """Several values of a list, in its order."""
    draw, values = cell.chance(), list(recipe["some"])
    number = draw.randint(*recipe.get("times", (1, 2)))
    return [values[place] for place in sorted(draw.sample(range(len(values)), min(number, len(values))))]


def _where(cell: Cell, recipe: Mapping[str, Any]) -> Row | list[Row] | None:
    """A link to a record, or `times` many links, that meets conditions; where there has to be one, else to any."""
    target = cell.column.config["to_table"]
    candidates = rows_where(cell, target, recipe["where"])
    if "times" in recipe:
        return many_links(cell, candidates, *recipe["times"])
    return one_link(cell, candidates or (cell.data.rows(target) if cell.column.required else ()))


def _sum(cell: Cell, recipe: Mapping[str, Any]) -> Decimal:
    return sum((amount for operand in recipe["sum"] for amount in _amounts(cell, operand)), Decimal(0))


def _product(cell: Cell, recipe: Mapping[str, Any]) -> Decimal:
    result = Decimal(1)
    for operand in recipe["product"]:
        result *= sum(_amounts(cell, operand), Decimal(0))
    return result


def _amounts(cell: Cell, operand: Json) -> Iterator[Decimal]:
    """Numbers to reckon with: a number, a recipe's, a value's, or one of each record of a table that links here."""
    if isinstance(operand, str):
        table, _, path = operand.partition(".")
        is_own = any(column.name == table for column in cell.row.table.columns)
        values = [cell.look(operand)] if is_own else [cell.data.value(row, path) for row in cell.children(table)]
    else:
        values = [cook(cell, operand)]
    for value in values:
        if isinstance(value, timedelta):
            yield Decimal(int(value.total_seconds())) / 3600
        elif value is not None:
            yield Decimal(str(value))


def _days_between(cell: Cell, recipe: Mapping[str, Any]) -> Decimal:
    first, last = (cell.look(path) for path in recipe["days_between"])
    return Decimal((last - first).days)


_CHANGES: Final[Mapping[str, Callable[[str], str]]] = {
    "slug": vocabulary.slug,
    "dots": lambda text: vocabulary.slug(text, "."),
    "month": lambda text: text[:7],
    "dashes": lambda text: vocabulary.slug(text, "-"),
    "last": lambda text: vocabulary.slug(text.rpartition(" ")[2]),
}

_RECIPES: Final[Mapping[str, Recipe]] = {
    "between": _between,
    "by": _by,
    "count": lambda cell, recipe: Decimal(len(cell.children(recipe["count"]))),
    "days": _days,
    "days_between": _days_between,
    "is": lambda cell, recipe: recipe["is"],
    "minutes": _minutes,
    "months": _months,
    "number": lambda cell, recipe: recipe["number"].format(cell.row.number + recipe.get("from", 1)),
    "of": lambda cell, recipe: cell.look(recipe["of"]),
    "pattern": lambda cell, recipe: vocabulary.filled(recipe["pattern"], cell.chance()),
    "product": _product,
    "some": _some,
    "sometimes": _sometimes,
    "sum": _sum,
    "weights": _weights,
    "where": _where,
}
