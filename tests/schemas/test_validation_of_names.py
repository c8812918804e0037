"""Names of tables and columns: what is said of those that are none, and of those that meet another."""

from __future__ import annotations

import pytest

from schemas.document import Json
from schemas.problems import Code
from schemas.validation import validate

TITLE = {"name": "title", "type": "text"}


def document(*columns: Json, relationships: list[Json] | None = None, **settings: Json) -> Json:
    tables = [{"name": "deals", "columns": [*columns] or [TITLE], **settings}, {"name": "tags", "columns": [TITLE]}]
    return {"name": "App", "tables": tables, "relationships": relationships or []}


def text(name: str) -> Json:
    return {"name": name, "type": "text"}


def many(name: str, target: str = "tags", **settings: Json) -> Json:
    return {"from_table": "deals", "from_column": name, "to_table": target, "type": "many_to_many", **settings}


def errors(data: Json) -> list[tuple[str, str]]:
    return [(problem.code, problem.path.removeprefix("$.tables[0].")) for problem in validate(data).errors]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("st\u0430tus", "it looks like status but contains U+0430 CYRILLIC SMALL LETTER A."),
        ("\uff53tatus", "it contains U+FF53 FULLWIDTH LATIN SMALL LETTER S, and names consist of the letters a to z"),
        ("sta\u200btus", "it contains U+200B ZERO WIDTH SPACE, which nobody sees."),
        ("sta\u202etus", "it contains U+202E RIGHT-TO-LEFT OVERRIDE, which nobody sees."),
        ("caf\u00e9", "it contains U+00E9 LATIN SMALL LETTER E WITH ACUTE, and names consist of"),
        ("cafe\u0301", "it contains U+0301 COMBINING ACUTE ACCENT, and names consist of"),
        ("Статус", "it contains U+0421 CYRILLIC CAPITAL LETTER ES, U+0442 CYRILLIC SMALL LETTER TE, U+0430"),
        ("Status", "use lower-case letters, digits and single underscores."),
    ],
)
def test_a_name_is_told_what_is_wrong_with_it(name: str, said: str) -> None:
    (problem,) = validate(document(text(name))).errors

    assert problem.code == Code.INVALID_NAME
    assert said in problem.detail


def test_no_sentence_repeats_what_nobody_can_see() -> None:
    hidden = "\u202e\u200b\U000e0041\u0085"
    result = validate({**document(text(f"a{hidden}b"), {**TITLE, f"k{hidden}": 1}), "name": f"App{hidden}"})

    told = "".join(problem.path + problem.detail + problem.fix for problem in result.errors)
    assert told
    assert not set(hidden) & set(told)
    assert "a\\u202e\\u200b\\udb40\\udc41\\u0085b" in told


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Status", "status", "differ only in capital letters"),
        ("status", "Status", "differ only in capital letters"),
        ("STATUS", "Status", "differ only in capital letters"),
        ("status", "st\u0430tus", "look the same, but one of them contains U+0430 CYRILLIC SMALL LETTER A"),
        ("status", "sta\u200btus", "look the same, but one of them contains U+200B ZERO WIDTH SPACE"),
        ("cop", "\u0441\u043e\u0440", "look the same, but one of them contains U+0441"),
        ("caf\u00e9", "cafe\u0301", "look the same, but one of them contains U+0301"),
        ("due_date", "Due Date", 'are both "due_date" in the form that names have'),
        ("dueDate", "due-date", 'are both "due_date" in the form that names have'),
    ],
)
def test_names_that_would_become_one_are_seen_as_a_pair(first: str, second: str, said: str) -> None:
    for data, place in (
        (document(text(first), text(second)), "$.tables[0].columns[1].name"),
        (
            {"name": "App", "tables": [{"name": name, "columns": [TITLE]} for name in (first, second)]},
            "$.tables[1].name",
        ),
    ):
        problems = [problem for problem in validate(data).errors if problem.code == Code.NAME_CLASH]

        assert [problem.path for problem in problems] == [place]
        assert said in problems[0].detail
        assert not any(problem.mend for problem in validate(data).errors)


def test_the_same_malformed_name_twice_is_a_duplicate() -> None:
    assert (Code.DUPLICATE_NAME, "columns[1].name") in errors(document(text("Status"), text("Status")))


def test_names_in_other_alphabets_are_no_pair() -> None:
    assert [code for code, _ in errors(document(text("Имя"), text("Цена")))] == [Code.INVALID_NAME] * 2


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (["status", "get_status_display"], Code.RESERVED_NAME),
        (["day", "get_next_by_day"], Code.RESERVED_NAME),
        (["get_status_display"], None),
    ],
)
def test_what_records_have_for_a_column_is_no_name_beside_it(columns: list[str], code: str | None) -> None:
    assert [found for found, _ in errors(document(*map(text, columns)))] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [("pg_deals", True), ("ix_t_deals_total", True), ("pk_t_tags", True), ("pk_scores", False), ("ix_t_other", False)],
)
def test_tables_cannot_be_named_like_indexes(name: str, is_refused: bool) -> None:
    data = document()
    data["tables"].append({"name": name, "columns": [TITLE]})

    assert [problem.code for problem in validate(data).errors] == ([Code.RESERVED_NAME] if is_refused else [])


# Names that follow from others


def test_the_table_of_links_has_a_name_that_postgresql_keeps_whole() -> None:
    assert errors(document(relationships=[many("a" * (63 - len("deals_")))])) == []
    (problem,) = validate(document(relationships=[many("a" * (64 - len("deals_")))])).errors
    assert (problem.code, problem.path) == (Code.TOO_LONG, "$.relationships[0].from_column")
    assert "64 bytes" in problem.detail


@pytest.mark.parametrize("name", ["deals_tags", "dealstags"])
def test_the_table_of_links_meets_no_other(name: str) -> None:
    data = document(relationships=[many("tags")])
    data["tables"].append({"name": name, "columns": [TITLE]})

    (problem,) = validate(data).errors

    assert (problem.code, problem.path) == (Code.NAME_CLASH, "$.relationships[0].from_column")
    assert f"the table {name} has that name already" in problem.detail


def test_two_tables_of_links_do_not_meet() -> None:
    data = document(relationships=[many("new_tags"), {**many("tags"), "from_table": "deals_new"}])
    data["tables"].append({"name": "deals_new", "columns": [TITLE]})

    (problem,) = validate(data).errors

    assert problem.code == Code.NAME_CLASH
    assert "that of $.relationships[0].from_column has that name already" in problem.detail


# Indexes


def column(name: str, length: int) -> Json:
    return {"name": name, "type": "text", "max_length": length}


@pytest.mark.parametrize(
    ("lengths", "fits"),
    [
        ([671], True),
        ([672], False),
        ([255, 255], True),
        ([255, 255, 255], False),
        ([100] * 6, True),
        ([100] * 7, False),
    ],
)
@pytest.mark.parametrize("kind", ["indexes", "unique"])
def test_the_longest_values_of_an_index_fit_into_one_entry(kind: str, lengths: list[int], fits: bool) -> None:
    columns = [column(f"c{number}", length) for number, length in enumerate(lengths)]
    names = [column["name"] for column in columns]

    assert [code for code, _ in errors(document(*columns, **{kind: [names]}))] == ([] if fits else [Code.INVALID_INDEX])


def test_a_unique_column_needs_an_index_too() -> None:
    assert errors(document({**column("a", 700), "unique": True})) == [(Code.INVALID_INDEX, "columns[0].unique")]


# What people read


@pytest.mark.parametrize(
    ("label", "is_fine"),
    [
        ("Prospé", True),
        ("Объект", True),
        ("می\u200cخواهم", True),  # noqa: RUF001
        ("क्\u200dष", True),
        ("👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3", True),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", True),
        ("Open\u200b", False),
        ("Op\u00aden", False),
        ("\u202eOpen", False),
        ("Op\u200den", False),
        ("Open\ufeff", False),
        ("Op\u3164en", False),
        ("Open\U000e0041", False),
        ("Open\ufe0f\ufe0f", False),
        ("Open\u0085", False),
    ],
)
def test_labels_hide_nothing(label: str, is_fine: bool) -> None:
    data = document({**TITLE, "label": label, "help_text": label}, ui_hints={"label": label}, description=label)
    data["name"] = label

    found = errors(data)

    paths = {"$.name", "ui_hints.label", "description", "columns[0].label", "columns[0].help_text"}
    assert set(found) == (set() if is_fine else {(Code.INVISIBLE_CHARACTER, path) for path in paths})


def select(*options: Json) -> Json:
    return document({"name": "status", "type": "select", "options": list(options)})


@pytest.mark.parametrize("second", ["Open", "\u043epen", "op\u200ben", "\uff4fpen"])
def test_values_of_options_that_look_the_same_are_one_too_many(second: str) -> None:
    assert (Code.DUPLICATE_OPTION, "columns[0].options[1].value") in [
        (code, path.replace("options[1]", "options[1].value").replace(".value.value", ".value"))
        for code, path in errors(select("open", second))
    ]


@pytest.mark.parametrize("second", ["Open", "open", "\u041epen", "Open ", "O\u0440en"])
def test_labels_of_options_that_look_the_same_are_worth_a_warning(second: str) -> None:
    data = select({"value": "a", "label": "Open"}, {"value": "b", "label": second})

    warnings = [problem for problem in validate(data).problems if problem.code == Code.LOOKALIKE_LABEL]

    assert [problem.path for problem in warnings] == ["$.tables[0].columns[0].options[1].label"]


def test_labels_of_columns_and_tables_are_compared_too() -> None:
    data = document({**TITLE, "label": "Name"}, {**text("name_2"), "label": "N\u0430me"}, text("other"))
    data["tables"][0]["ui_hints"] = {"label": "Tag"}

    warnings = [problem.path for problem in validate(data).problems if problem.code == Code.LOOKALIKE_LABEL]

    assert warnings == ["$.tables[0].columns[1].label", "$.tables[1].ui_hints.label"]
