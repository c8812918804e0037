"""What random cases have found, each as the smallest documents that show it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from core.models import Project, User
from provisioning import project_database
from schemas.document import Schema
from schemas.validation import validate
from tests.provisioning.differential.stage import Dump, Refused, Stage, opened
from tests.provisioning.documents import Document, column, document, links, table


def chance() -> Random:
    return Random(1)  # noqa: S311 (chance that can be had again)


def play(user: User, project: Project, *versions: Document) -> None:
    """Applies versions one after the other, with rows written after each, and checks all that holds of any."""
    project_database.ensure(project, user.pk)
    with opened(project, user, chance()) as stage:
        for version in versions:
            stage.apply(valid(version, stage.active))
            stage.write(12, 0.2)
        stage.probe()
        stage.check_catalogs()


def valid(version: Document, before: Schema | None) -> Schema:
    result = validate(version, before)
    assert result.schema is not None, result.errors
    return result.schema


OTHER = table("other", column("name"), id="t_other")


def stays(*columns: Document) -> Document:
    return document(OTHER, table("here", column("name", id="c_name"), *columns, id="t_here"))


def test_a_column_that_stays_in_the_archive_when_its_table_leaves_it_comes_back_later(
    user: User, project: Project
) -> None:
    whole = stays(column("amount", "integer", id="c_amount"))
    play(user, project, whole, document(OTHER), stays(), whole)


def test_a_column_that_is_converted_when_its_table_comes_back_can_be_had_as_it_was(
    user: User, project: Project
) -> None:
    whole = stays(column("amount", "integer", id="c_amount"))
    play(user, project, whole, document(OTHER), stays(column("amount", "rating", id="c_amount")), whole)


def test_a_column_that_is_converted_when_it_comes_back_can_be_had_as_it_was(user: User, project: Project) -> None:
    whole = stays(column("amount", "integer", id="c_amount"))
    play(user, project, whole, stays(), stays(column("amount", "rating", id="c_amount")), whole)


@pytest.mark.parametrize("accesses", [("private", "project"), ("project", "private")])
def test_links_that_come_back_are_as_visible_as_their_source_is_by_then(
    user: User, project: Project, accesses: tuple[str, str]
) -> None:
    first, second = (
        [OTHER, table("here", column("name", id="c_name"), id="t_here", access=access)] for access in accesses
    )
    relation = links("here", "others", "other", id="c_others")
    with_links = document(*first, links=(relation,))
    play(user, project, with_links, document(*first), document(*second), document(*second, links=(relation,)))


def test_values_of_the_archive_that_break_new_limits_stay_there(user: User, project: Project) -> None:
    def amount(kind: str, **settings: int) -> Document:
        return stays(column("amount", kind, id="c_amount", **settings))

    play(user, project, amount("text", max_length=200), amount("integer"), amount("text", max_length=10))


def test_rows_that_would_get_the_same_default_where_it_must_be_unique_are_told(user: User, project: Project) -> None:
    project_database.ensure(project, user.pk)
    with opened(project, user, chance()) as stage:
        stage.apply(valid(stays(column("code", id="c_code", unique=True)), None))
        while len(stage.model.tables["t_here"].rows) < 2:
            stage.write(4, 1.0)
        required = stays(column("code", id="c_code", unique=True, required=True, default="x"))
        with pytest.raises(Refused, match="unique_may_fail"):
            stage.apply(valid(required, stage.active))


def amounts(*kinds: dict[str, Any] | None) -> list[Document]:
    """Versions of a table in which one column differs; None where it is not there."""
    return [stays(*(() if kind is None else (column("amount", id="c_amount", **kind),))) for kind in kinds]


def written(stage: Stage, version: Document) -> Dump:
    """The rows of a version that has a dozen, of which half have no amount."""
    stage.apply(valid(version, stage.active))
    while len(stage.model.tables["t_here"].rows) < 12:
        stage.write(12, 0.5)
    return stage.dump()


WHOLE, TEXT = {"type": "integer"}, {"type": "text", "max_length": 40}
ZERO, NONE = {"required": True, "default": 0}, {"required": True, "default": "none"}


@pytest.mark.parametrize(
    "versions",
    [
        amounts({"type": "rating"}, WHOLE | {"required": True, "default": 2}),  # seed 701041
        amounts({"type": "uuid"}, {"type": "uuid", "required": True, "default": "uuid"}),  # seeds 703999 and 704013
        amounts(TEXT, WHOLE | ZERO),
        amounts(TEXT, WHOLE | ZERO, {"type": "decimal"} | ZERO),
        amounts(TEXT, WHOLE | ZERO, {"type": "long_text"} | NONE),
        amounts(WHOLE, WHOLE | ZERO, TEXT | NONE),
        amounts(WHOLE, WHOLE | ZERO, None),
        [*amounts(TEXT, WHOLE | ZERO), document(OTHER)],
        amounts(WHOLE, WHOLE | ZERO, WHOLE, WHOLE | {"label": "Sum"}),
        amounts(TEXT | {"unique": True}, TEXT | NONE),
        amounts({"type": "text", "max_length": 3}, TEXT | NONE),
    ],
)
def test_what_defaults_have_filled_since_is_as_it_was(user: User, project: Project, versions: list[Document]) -> None:
    project_database.ensure(project, user.pk)
    with opened(project, user, chance()) as stage:
        rows = written(stage, versions[0])
        first = stage.active
        for number, version in enumerate(versions[1:], 2):
            stage.apply(valid({**version, "name": f"Version {number}"}, stage.active))
        stage.apply(first, rolling_back=True)
        assert stage.dump() == rows
        stage.check_catalogs()


def test_what_a_default_had_filled_before_the_version_that_comes_back_stays(user: User, project: Project) -> None:
    first, filled, optional, required = amounts(WHOLE, WHOLE | ZERO, WHOLE, WHOLE | {"required": True})
    project_database.ensure(project, user.pk)
    with opened(project, user, chance()) as stage:
        written(stage, first)
        stage.apply(valid(filled, stage.active))
        stage.apply(valid({**optional, "name": "Later"}, stage.active))
        third, rows = stage.active, stage.dump()
        stage.apply(valid(required, stage.active))
        stage.apply(third, rolling_back=True)
        assert stage.dump() == rows


def test_a_value_without_a_counterpart_comes_back_with_its_type_though_a_default_was_in_its_place(
    user: User, project: Project
) -> None:
    text, whole = amounts(TEXT, WHOLE | ZERO)
    project_database.ensure(project, user.pk)
    with opened(project, user, chance()) as stage:
        rows = written(stage, text)
        stage.apply(valid(whole, stage.active))
        stage.apply(valid({**text, "name": "Later"}, stage.active))
        now = stage.dump()["t_here"]
        for row, (_, values) in rows["t_here"].items():
            assert now[row][1]["c_amount"] == (values["c_amount"] or "0")
