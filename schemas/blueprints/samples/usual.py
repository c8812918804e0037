"""What a column holds that its blueprint says nothing about: what its type and its name make likely.

Only names, addresses and figures can be guessed; prose cannot, so optional texts of other names stay empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import uuid5

from schemas.blueprints.samples import vocabulary
from schemas.blueprints.samples.cells import Cell, Row
from schemas.blueprints.samples.chance import dealt
from schemas.blueprints.samples.recipes import cook, many_links, one_link
from schemas.blueprints.samples.vocabulary import Person, Place
from schemas.column_types import column_types

_CERTAINTY: Final = 0.85
"""How often a box is ticked, or not, as its default has it."""

_MAIL: Final = ("mail.example", "post.example", "inbox.example")
_PERSON_COLUMNS: Final = ("full_name", "first_name")


def usual(cell: Cell) -> Any:
    """A likely value, None for none."""
    if maker := _MAKERS.get(cell.column.type):
        return maker(cell)
    examples = column_types.get(cell.column.type).examples
    return cell.dealt(examples) if cell.column.required and examples else None


def _text(cell: Cell) -> str | None:
    name = cell.column.name
    for ending, maker in _TEXTS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return _fitting(cell, maker(cell))
    return _fitting(cell, f"{cell.column.title} {cell.row.number + 1}") if cell.column.required else None


def _prose(cell: Cell) -> str | None:
    return _fitting(cell, f"{cell.column.title}.") if cell.column.required else None


def _fitting(cell: Cell, text: str) -> str:
    kind = column_types.get(cell.column.type)
    return text[: int(kind.setting(cell.column, "max_length"))].rstrip()


def _person(cell: Cell) -> Person:
    """The person that the record is about."""
    return vocabulary.person(cell.row.number, cell.data.seed, cell.row.table.name)


def _place(cell: Cell) -> Place:
    """Where the record is: in the town that it names, else anywhere if it names a country, else at home."""
    data, table = cell.data, cell.row.table
    names = {column.name for column in table.columns}
    home, towns = vocabulary.home(data.seed), vocabulary.places()
    if "city" in names and cell.column.name != "city":
        city = cell.look("city")
        return next((place for place in towns if place.city == city), home)
    if "country" in names:
        return dealt(towns, cell.row.number, data.seed, table.name, "place")
    if "city" in names:
        return dealt([place for place in towns if place.country == home.country], cell.row.number, data.seed, "place")
    return home


def _address(cell: Cell) -> str:
    street = vocabulary.street(cell.row.number, cell.data.seed, cell.row.table.name, cell.column.name)
    place, names = _place(cell), {column.name for column in cell.row.table.columns}
    return street if "city" in names else f"{street}, {place.city}, {place.state} {place.postal_code}"


def _email(cell: Cell) -> str:
    """Of a person at their company or somewhere else; where the record is a company, of its office."""
    names = {column.name for column in cell.row.table.columns}
    again = str(cell.attempt + 1) if cell.attempt else ""
    if not names.isdisjoint(_PERSON_COLUMNS):
        own = ("full_name",) if "full_name" in names else tuple(names & {"first_name", "last_name"})
        words = " ".join(str(cell.look(name) or "") for name in sorted(own))
        domain = cell.data.domain(cell.row.table.name) or _company_domain(cell, names)
        return f"{vocabulary.slug(words, '.')}{again}@{domain or cell.dealt(_MAIL)}"
    title = cell.row.table.title_column
    company = vocabulary.slug(str(cell.look(title.name))) if title and title is not cell.column else ""
    contact = cell.look("contact_name") if "contact_name" in names else None
    mailbox = vocabulary.slug(str(contact), ".") if contact else "office"
    return f"{mailbox}{again}@{company or vocabulary.slug(str(_person(cell)))}.example"


def _company_domain(cell: Cell, names: set[str]) -> str:
    named = next((cell.look(name) for name in ("company_id", "account_id", "company") if name in names), None)
    if isinstance(named, Row) and named.table.title_column:
        named = cell.data.value(named, named.table.title_column.name)
    return f"{vocabulary.slug(str(named))}.example" if named else ""


def _phone(cell: Cell) -> str:
    return vocabulary.filled(_place(cell).phone, cell.chance())


def _url(cell: Cell) -> str:
    title = cell.row.table.title_column
    named = cell.look(title.name) if title and title is not cell.column and title.type == "text" else None
    return f"https://{vocabulary.slug(str(named or _person(cell)))[:60]}.example"


def _options(cell: Cell) -> list[str]:
    return [str(option["value"]) for option in column_types.get(cell.column.type).setting(cell.column, "options")]


def _select(cell: Cell) -> str:
    options = _options(cell)
    if {"female", "male"} <= set(options):
        return _person(cell).gender
    return cell.dealt(options)


def _multi_select(cell: Cell) -> Any:
    return cook(cell, {"some": _options(cell), "times": [1, 2]})


def _boolean(cell: Cell) -> bool:
    usually = cell.column.default is True
    return usually if cell.chance().random() < _CERTAINTY else not usually


def _number(low: int, high: int) -> Callable[[Cell], Decimal]:
    """A maker of whole numbers in the column's bounds, and between `low` and `high` where it has none."""

    def make(cell: Cell) -> Decimal:
        kind = column_types.get(cell.column.type)
        bounds = [kind.setting(cell.column, name) if name in kind.settings else None for name in ("min", "max")]
        least = Decimal(str(bounds[0])) if bounds[0] is not None else Decimal(low)
        most = Decimal(str(bounds[1])) if bounds[1] is not None else max(Decimal(high), least + high)
        least = min(least, most)
        return min(most, least + cell.chance().randint(0, int(min(most - least, Decimal(high - low)))))

    return make


def _uuid(cell: Cell) -> str | None:
    return str(uuid5(cell.row.id, f"{cell.column.name}/{cell.attempt}")) if cell.column.required else None


def _link(cell: Cell) -> Row | None:
    return one_link(cell, cell.data.rows(cell.column.config["to_table"]))


def _links(cell: Cell) -> list[Row]:
    return many_links(cell, cell.data.rows(cell.column.config["to_table"]), 0, 3)


_TEXTS: Final[Mapping[str, Callable[[Cell], str]]] = {
    "first_name": lambda cell: _person(cell).first,
    "last_name": lambda cell: _person(cell).last,
    "full_name": lambda cell: str(_person(cell)),
    "contact_name": lambda cell: str(cook(cell, "{any person}")),
    "city": lambda cell: _place(cell).city,
    "state": lambda cell: _place(cell).state,
    "country": lambda cell: _place(cell).country,
    "postal_code": lambda cell: _place(cell).postal_code,
    "address": _address,
    "company": lambda cell: str(cook(cell, "{any company}")),
    "company_name": lambda cell: str(cook(cell, "{any company}")),
}

_MAKERS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "text": _text,
    "long_text": _prose,
    "rich_text": _prose,
    "integer": _number(1, 20),
    "decimal": _number(1, 50),
    "currency": _number(20, 900),
    "percent": _number(0, 30),
    "rating": _number(3, 5),
    "boolean": _boolean,
    "date": lambda cell: cook(cell, {"days": [-300, 0]}),
    "datetime": lambda cell: cook(cell, {"days": [-60, 20], "time": ["08:00", "17:30"]}),
    "time": lambda cell: cook(cell, {"between": ["08:00", "18:00"]}),
    "duration": lambda cell: timedelta(minutes=15 * cell.chance().randint(1, 12)),
    "email": _email,
    "phone": _phone,
    "url": _url,
    "select": _select,
    "multi_select": _multi_select,
    "relation": _link,
    "many_to_many": _links,
    "user": lambda cell: str(cell.data.owner) if cell.data.owner else None,
    "attachment": lambda cell: None,
    "uuid": _uuid,
}
