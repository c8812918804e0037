"""The bundled documents."""

import pytest

from schemas.blueprints import Blueprint, blueprint, blueprints
from schemas.validation import validate


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_a_blueprint_is_valid_and_complete(item: Blueprint) -> None:
    validation = validate(item.document.to_json())

    assert validation.problems == ()
    assert validation.schema == item.document
    for table in item.document:
        names = {column.name for column in table.columns}
        assert table.description
        assert table.ui_hints.icon
        assert table.ui_hints.title_column in names
        assert len(table.ui_hints.list_columns) >= 3
        assert set(table.ui_hints.list_columns) <= names | {"created_at"}


@pytest.mark.parametrize("item", blueprints(), ids=lambda item: item.key)
def test_aliases_and_stand_ins_speak_of_what_is_there(item: Blueprint) -> None:
    tables = {table.name for table in item.document}
    assert set(item.aliases) <= tables
    for table, column in item.stand_ins:
        assert item.document.table(table).column(column).is_relation


def test_there_are_enough_and_no_two_alike() -> None:
    keys = [item.key for item in blueprints()]

    assert len(keys) >= 12
    assert len(set(keys)) == len(keys)
    assert len({item.prompt for item in blueprints()}) == len(keys)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        blueprint("nothing")
