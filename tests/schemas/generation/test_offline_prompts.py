"""Prompts of many lines of work, spellings and forms, each with what has to come of it (offline_prompts.txt)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from schemas.document import Column, Schema
from schemas.generation import Generation, generate
from schemas.generation.offline import OfflineEngine
from schemas.validation import validate

PROMPTS = Path(__file__).with_name("offline_prompts.txt")
_COLUMN = re.compile(
    r"(?P<name>\w+)(?P<mark>:|>>|>1|>)(?P<kind>\w+)(?:\((?P<options>[^)]*)\))?(?:=(?P<default>\w+))?"
    r"(?P<required>!?)(?P<unique>\*?)"
)


@dataclass(frozen=True)
class Case:
    """A prompt, the words that the draft before it was made of, the tables and columns to be, and those to be gone."""

    prompt: str
    base: str
    tables: dict[str, list[str]]
    gone: tuple[str, ...]


def cases() -> Iterator[Case]:
    base = ""
    for block in re.split(r"\n\s*\n", PROMPTS.read_text("utf-8")):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines and lines[0].startswith("== "):
            base = lines.pop(0)[3:]
        prompt = "\n".join(line[2:] for line in lines if line.startswith("> "))
        rest = [line for line in lines if not line.startswith("> ")]
        if prompt:
            gone = tuple(line[3:] for line in rest if line.startswith("no "))
            tables = dict(line.split(": ", 1) for line in rest if not line.startswith("no "))
            yield Case(prompt, base, {name: columns.split() for name, columns in tables.items()}, gone)


CASES = list(cases())


@cache
def drafted(words: str) -> Schema:
    """A draft that nobody provisioned."""
    schema = generate(words, engine=OfflineEngine()).schema
    assert schema is not None
    return schema


def answer(case: Case) -> Generation:
    return generate(case.prompt, active=drafted(case.base) if case.base else None, engine=OfflineEngine())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.prompt[:50])
def test_every_thing_attribute_and_relation_is_there(case: Case) -> None:
    generation = answer(case)

    assert generation.schema is not None, generation.message
    assert generation.intent == "CREATE" if not case.base else generation.intent in ("MODIFY", "RELATE")
    assert not [warning for warning in generation.warnings if "Not understood" in warning]
    schema = generation.schema
    for name, columns in case.tables.items():
        assert schema.has_table(name), [table.name for table in schema]
        by_name = {column.name: column for column in schema.table(name).columns}
        for column in columns:
            found = _COLUMN.fullmatch(column)
            assert found, column
            assert found["name"] in by_name, f"{name}: {sorted(by_name)}"
            _is_as_written(by_name[found["name"]], found)
    assert not [place for place in case.gone if _has(schema, place)]
    if not case.base:
        assert {table.name for table in schema} == set(case.tables)
    assert validate(schema.to_json()).valid


def _is_as_written(column: Column, written: re.Match[str]) -> None:
    if written["mark"] == ":":
        assert column.type == written["kind"], written[0]
    else:
        kind = {">": "many_to_one", ">1": "one_to_one"}.get(written["mark"])
        assert column.config["to_table"] == written["kind"], written[0]
        assert column.config.get("relation") == kind, written[0]
    if written["options"]:
        assert [option["value"] for option in column.config["options"]] == written["options"].split("|")
    assert column.default == written["default"] or not written["default"]
    assert column.required or not written["required"], written[0]
    assert column.unique or not written["unique"], written[0]


def _has(schema: Schema, place: str) -> bool:
    table, _, column = place.partition(".")
    if not schema.has_table(table):
        return False
    return not column or column in [item.name for item in schema.table(table).columns]


NONSENSE = [
    "asdf qwer zxcv",
    "Hello there!",
    "hi, how are you?",
    "What is the weather like in Paris today?",
    "Ich brauche eine App für meine Kunden und Termine",
    "Necesito una aplicación para mis clientes",
    "我需要一个客户管理系统",
    "?!...",
    "🎉🎉🚀",
    "SELECT * FROM users WHERE id = 1;",
    "'; DELETE FROM customers; --",
    "import os; print(os.environ)",
    "<script>alert(1)</script>",
    "Roses are red, violets are blue, sugar is sweet, and so are you",
    "The woods are lovely, dark and deep,\nBut I have promises to keep,\nAnd miles to go before I sleep",
    "lorem ipsum dolor sit amet, consectetur adipiscing elit",
    "she sells sea shells by the sea shore",
    "tell me a joke",
    "thank you so much!",
    "12345 67890",
]


@pytest.mark.parametrize("prompt", NONSENSE)
@pytest.mark.parametrize("base", ["", CASES[-1].base], ids=["nothing", "draft"])
def test_what_asks_for_no_schema_is_asked_back(prompt: str, base: str) -> None:
    active = drafted(base) if base else None

    generation = generate(prompt, active=active, engine=OfflineEngine())

    assert (generation.outcome, generation.schema) == ("clarify", None)
    assert generation.intent == "NONE"
    assert "?" in generation.message or generation.message.endswith("them.")
    assert generation.suggestions
    assert all(
        generate(suggestion, active=active, engine=OfflineEngine()).outcome == "schema"
        for suggestion in generation.suggestions
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [("appointmnets", "appointments"), ("Custmers", "Customers"), ("adress", "address"), ("suplliers", "suppliers")],
)
def test_a_typing_mistake_is_corrected_and_said(written: str, read: str) -> None:
    generation = generate(f"CRM with {written} and invoices", engine=OfflineEngine())

    assert generation.schema is not None
    assert any(f'"{written}" as "{read}"' in warning for warning in generation.warnings)


@pytest.mark.parametrize("word", ["planets", "patents", "motels", "horses", "barrels", "battles", "rental", "wallets"])
def test_a_word_of_its_own_is_no_typing_mistake(word: str) -> None:
    generation = generate(f"an app for {word} with name and price, and 'custmers'", engine=OfflineEngine())

    assert generation.schema is not None
    assert not [warning for warning in generation.warnings if "typing mistake" in warning]


def test_names_of_the_draft_are_no_typing_mistakes() -> None:
    renamed = 'rename the due date of tasks to "custimer"'
    schema = generate(renamed, active=drafted(CASES[-1].base), engine=OfflineEngine()).schema

    generation = generate("make the custimer of tasks required", active=schema, engine=OfflineEngine())

    assert generation.schema is not None
    assert generation.schema.table("tasks").column("custimer").required


def test_what_is_not_understood_is_said_and_the_rest_is_done() -> None:
    schema = drafted(CASES[-1].base)

    generation = generate("Add a birthday to agents. Paint everything green.", active=schema, engine=OfflineEngine())

    assert generation.schema is not None
    assert generation.schema.table("agents").column("birthday").type == "date"
    assert any("Paint everything green" in warning for warning in generation.warnings)
