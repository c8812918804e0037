"""What people read: no character that nobody sees, and no two labels that nobody can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.characters import difference, invisible, named, skeleton, without_invisible
from schemas.column_types import column_types
from schemas.column_types.options import option_label
from schemas.document import Json
from schemas.names import humanise, singular
from schemas.problems import Code, Edit, Put
from schemas.validation.outline import MAX_LABEL, ColumnOutline, TableOutline
from schemas.validation.report import Report, quote

_HINTS = {"label": "label", "label_plural": "plural label"}


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that people read.

    Args:
        text: the text.
        path: where it stands.
        noun: what it is.
        needed: whether it cannot be empty.
        given: whether the document says it; else it follows from a name.
    """

    text: Json
    path: str
    noun: str
    needed: bool = False
    given: bool = True


def check_texts(document: Mapping[str, Json], tables: Sequence[TableOutline], report: Report) -> None:
    """Reports what cannot be seen in texts, and labels and options that look the same."""
    title = document.get("name")
    if isinstance(title, str) and len(title) > MAX_LABEL:
        report.error(Code.TOO_LONG, "$.name", f"The name is longer than {MAX_LABEL} characters.", "Shorten it.")
    _check_visible(_Text(title, "$.name", "name of the application", needed=True), report)
    for table in tables:
        for text in _texts_of_table(table):
            _check_visible(text, report)
        for outline in table.columns:
            _check_visible(_Text(outline.column.label, f"{outline.path}.label", "label"), report)
            _check_visible(_Text(outline.column.help_text, f"{outline.path}.help_text", "help text"), report)
            _check_options(outline, report)
        _check_labels(_column_labels(table), report)
    _check_labels(_table_labels(tables), report)


def trimmed_option(outline: ColumnOutline, number: int) -> tuple[Edit, ...]:
    """The edits that write the value of an option as it looks; none where that would be another's, or nothing."""
    options = _options(outline)
    if not options:
        return ()
    value = options[number]["value"]
    plain = without_invisible(value)
    others = {skeleton(option["value"]) for place, option in enumerate(options) if place != number}
    if not plain or skeleton(plain) in others:
        return ()
    edits: list[Edit] = [Put(f"{outline.path}.options[{number}].value", plain)]
    default = outline.column.default
    if default == value:
        edits.append(Put(f"{outline.path}.default", plain))
    elif isinstance(default, tuple) and value in default:
        edits.append(Put(f"{outline.path}.default", [plain if item == value else item for item in default]))
    return tuple(edits)


def _texts_of_table(table: TableOutline) -> Iterator[_Text]:
    hints = table.data.get("ui_hints", {})
    for key, noun in _HINTS.items():
        yield _Text(hints.get(key), f"{table.path}.ui_hints.{key}", noun)
    yield _Text(table.data.get("description"), f"{table.path}.description", "description")


def _check_visible(text: _Text, report: Report, mend: tuple[Edit, ...] | None = None) -> None:
    """Reports what nobody sees in a text.

    Args:
        text: the text.
        report: where problems go.
        mend: how a machine mends it; None where it only has to write the text as it looks.
    """
    hidden = invisible(text.text) if isinstance(text.text, str) else ""
    if not hidden:
        return
    plain = without_invisible(text.text)
    if mend is None:
        mend = (Put(text.path, plain),) if plain or not text.needed else ()
    detail = f"The {text.noun} contains {named(hidden)}, which nobody sees."
    fix = f"Write {quote(plain)}." if plain else "Remove it, or write something that can be seen."
    report.error(Code.INVISIBLE_CHARACTER, text.path, detail, fix, mend)


def _options(outline: ColumnOutline) -> list[Mapping[str, Json]]:
    """The options of a column that has some, if they are readable; none else."""
    column = outline.column
    kind = column_types.get(column.type)
    options = column.config.get("options") if "options" in kind.settings else None
    if not isinstance(options, tuple):
        return []
    readable = all(isinstance(option, Mapping) and isinstance(option.get("value"), str) for option in options)
    return list(options) if readable else []


def _check_options(outline: ColumnOutline, report: Report) -> None:
    seen: dict[str, str] = {}
    labels = []
    for number, option in enumerate(_options(outline)):
        path, value = f"{outline.path}.options[{number}]", option["value"]
        if invisible(value):
            text = _Text(value, f"{path}.value", "value of the option")
            _check_visible(text, report, trimmed_option(outline, number))
        if option.get("label") != humanise(value):
            _check_visible(_Text(option.get("label"), f"{path}.label", "label of the option"), report)
        form = skeleton(value)
        if form not in seen:
            seen[form] = value
            labels.append(_Text(option_label(option), f"{path}.label", "options"))
        elif seen[form].casefold() != value.casefold():
            detail = f"The values {quote(seen[form])} and {quote(value)} {difference(seen[form], value)}."
            fix = "Remove one of them or give it another value."
            report.error(Code.DUPLICATE_OPTION, f"{path}.value", detail, fix)
    _check_labels(labels, report)


def _column_labels(table: TableOutline) -> Iterator[_Text]:
    for outline in table.columns:
        yield _Text(outline.column.title, f"{outline.path}.label", "columns", given=bool(outline.column.label))


def _table_labels(tables: Iterable[TableOutline]) -> Iterator[_Text]:
    for table in tables:
        label = table.data.get("ui_hints", {}).get("label", "")
        title = label or humanise(singular(table.name))
        yield _Text(title, f"{table.path}.ui_hints.label", "tables", given=bool(label))


def _check_labels(labels: Iterable[_Text], report: Report) -> None:
    """Warns of labels that look the same. Of two that follow from names, the names are the problem."""
    seen: dict[str, _Text] = {}
    for label in labels:
        first = seen.setdefault(skeleton(label.text), label)
        if first is label or not (first.given or label.given):
            continue
        detail = f"The labels {quote(first.text)} and {quote(label.text)} of two {label.noun} "
        detail += f"{difference(first.text, label.text)}."
        report.warning(Code.LOOKALIKE_LABEL, label.path, detail, "Give one of them another label.")
