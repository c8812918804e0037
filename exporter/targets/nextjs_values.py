"""A value in TypeScript, as pages show it: as text, in the cell of a list, on the page of its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from exporter.column_context import ColumnContext
from exporter.context import TableContext
from exporter.environment import ts_string

_FORMATS: Final = {
    "boolean": "formatBoolean",
    "date": "formatDate",
    "datetime": "formatDateTime",
    "decimal": "formatNumber",
    "integer": "formatNumber",
    "json": "formatJson",
    "percent": "formatPercent",
    "time": "formatTime",
}
_LINKS: Final = {"email": "mailto:", "phone": "tel:", "url": ""}


@dataclass(frozen=True, slots=True)
class NextValue:
    """The values of a column as the templates print them.

    Args:
        facts: what is known about the column.
        options_name: the constant that holds its options.
        target: the table that it points to, if it does.
    """

    facts: ColumnContext
    options_name: str = ""
    target: TableContext | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.facts.name

    def text(self, row: str) -> str:
        """An expression for the value as text."""
        value, display = f"{row}.{self.name}", self.facts.display
        if self.facts.reference and self.target:
            return f"labelOf({row}.{self.facts.reference.field}, {label_function(self.target)})"
        if self.facts.links and self.target:
            return f"labelsOf({value}, {label_function(self.target)})"
        if self.facts.kind == "number":
            prefix = ts_string(self.facts.settings["prefix"])
            return f"formatAutoNumber({value}, {prefix}, {self.facts.settings['padding']})"
        if self.facts.kind == "files":
            return f"fileNames({value})"
        if display == "rich_text":
            return f"plainText({value})"
        if self.options_name:
            return f"optionLabel({self.options_name}, {value})"
        if display == "currency":
            return f"formatCurrency({value}, {ts_string(self.facts.settings['currency'])})"
        if display == "rating":
            return f"formatRating({value}, {self.facts.settings['max']})"
        formatter = _FORMATS.get(display) or _FORMATS.get(self.facts.kind)
        if formatter:
            return f"{formatter}({value})"
        return value if self.facts.required else f"{value} ?? EMPTY"

    def cell(self, row: str) -> str:
        """An expression for the value in a list."""
        value = f"{row}.{self.name}"
        if self.facts.kind == "choice":
            return f"<Badge options={{{self.options_name}}} value={{{value}}} />"
        if self.facts.kind == "choices":
            return f"<Badges options={{{self.options_name}}} values={{{value}}} />"
        if self.facts.kind == "user":
            return f"<UserName id={{{value}}} />"
        return self.text(row)

    def detail(self, row: str) -> str:
        """An expression or element for the value on the record's page."""
        if self.facts.reference and self.target:
            return (
                f'<RelatedLink path="/{self.target.slug}" record={{{row}.{self.facts.reference.field}}} '
                f"label={{{label_function(self.target)}}} />"
            )
        if self.facts.links and self.target:
            return (
                f'<RelatedLinks path="/{self.target.slug}" records={{linked({row}.{self.name})}} '
                f"label={{{label_function(self.target)}}} />"
            )
        if self.facts.kind == "files":
            return f"<FileLinks files={{{row}.{self.name}}} />"
        if self.facts.display == "rich_text":
            return f"<RichText html={{{row}.{self.name}}} />"
        if self.facts.display in _LINKS:
            scheme = _LINKS[self.facts.display]
            prefix = f'scheme="{scheme}" ' if scheme else ""
            return f"<ValueLink {prefix}value={{{row}.{self.name}}} />"
        return self.cell(row)


def label_function(table: TableContext) -> str:
    """The function that says what a row of the table is called, such as `propertyLabel`."""
    return f"{table.row_name[:1].lower()}{table.row_name[1:]}Label"
