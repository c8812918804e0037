"""Any number of a list of options."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from core import sql
from schemas.column_types.base import column_types
from schemas.column_types.conversions import Conversion, trimmed
from schemas.column_types.options import OptionsType
from schemas.document import Column, Json


class ChosenField(ArrayField):  # type: ignore[type-arg]
    """Options that were chosen, each once and in the order of the column's options. None stands for none of them."""

    def to_python(self, value: Any) -> list[str] | None:
        """The values in their order; raises `ValidationError` for what is no list."""
        if value in (None, "", [], ()):
            return None
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise ValidationError("The value has to be a list of options.", code="not_a_list")
        order = {option: place for place, (option, _) in enumerate(self.base_field.choices or ())}
        return sorted(dict.fromkeys(value), key=lambda item: order.get(item, len(order)))

    def clean(self, value: Any, model_instance: Any) -> list[str] | None:
        """The values, each of them an option; raises `ValidationError`."""
        chosen = self.to_python(value)
        if chosen is None:  # of which an array's own checks would ask for the items
            models.Field.validate(self, chosen, model_instance)
            return None
        return list(super().clean(chosen, model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """An empty list is stored as null: there is one way to say that nothing was chosen."""
        return super().get_db_prep_value(value or None, connection, prepared)

    def formfield(self, *_: Any, **options: Any) -> Any:
        """Boxes to tick."""
        choices = {"choices_form_class": None, "form_class": forms.TypedMultipleChoiceField}
        return models.Field.formfield(
            self, **{**choices, "choices": self.base_field.choices, "empty_value": None, "coerce": str, **options}
        )


class MultiSelectType(OptionsType):
    """Any number of a list of options: tags that are known beforehand."""

    key = "multi_select"
    label = "Multiple select"
    aliases = ("multiselect", "tags", "labels", "multiple_select", "checkboxes")
    json_types = (list,)
    examples = (["open"], ["open", "closed"])
    lookups = ("contains", "overlap", "isnull")
    sortable = False
    cell = "crud/cells/multi_select.html"
    typescript = "string[]"

    def index_bytes(self, column: Column) -> None:
        """None: a list of all options may be long."""

    def sql_type(self, column: Column) -> str:
        """Always `text[]`."""
        return "text[]"

    def checks(self, column: Column) -> Iterator[sql.Composable]:
        """At least one, each of them an option; none at all is null."""
        name, values = sql.identifier(column.name), sql.literals(sorted(self.option_values(column)))
        yield sql.format("{name} <@ array[{values}]::text[]", name=name, values=values)
        most = sql.literal(len(self.option_values(column)))
        yield sql.format("array_ndims({name}) = 1 and cardinality({name}) between 1 and {most}", name=name, most=most)

    def model_field(self, column: Column, **common: Any) -> models.Field[Any, Any]:
        """An array of texts with the options as choices."""
        item: models.Field[Any, Any] = models.TextField(choices=self.choices(column))
        return ChosenField(item, **common)

    def value(self, column: Column, data: Json) -> Any:
        """A list of texts."""
        return super().value(column, list(data) if isinstance(data, tuple) else data)

    def parse(self, column: Column, text: str) -> Any:
        """Values or labels with commas between them; one with a comma in it stands in double quotes."""
        try:
            parts = next(csv.reader([text.strip()], skipinitialspace=True), [])
        except csv.Error:
            raise ValueError("The value has to be a list of options with commas between them.") from None
        return self.clean(column, [self.value_of(column, part.strip()) for part in parts if part.strip()])

    def text(self, column: Column, value: Any) -> str:
        """The values with commas between them."""
        line = io.StringIO()
        csv.writer(line).writerow(value)
        return line.getvalue().removesuffix("\r\n")

    def text_sql(self, column: Column, value: sql.Composable) -> sql.Composable:
        """The values with commas between them."""
        quoted = """case when _value ~ E'[",\\r\\n]' then '"' || replace(_value, '"', '""') || '"' else _value end"""
        return sql.format(
            "(select string_agg(" + quoted + ", ',' order by _place) "
            "from unnest({value}) with ordinality as _chosen (_value, _place))",
            value=value,
        )

    def read_sql(self, column: Column, text: sql.Composable) -> sql.Composable:
        """A value or label, or several with commas between them; none where one of them is no option."""
        parts = sql.format(
            "array(select {option} from unnest(string_to_array({text}, ',')) as _part where btrim(_part) <> '')",
            option=self.option_sql(column, trimmed(sql.SQL("_part"))),
            text=text,
        )
        several = sql.format(
            "(select case when cardinality(_chosen) > 0 and array_position(_chosen, null) is null then {known} end "
            "from (select {parts} as _chosen) as _parts)",
            known=self._known(column, sql.SQL("_chosen")),
            parts=parts,
        )
        one = self.option_sql(column, trimmed(text))
        return sql.format("case when {one} is null then {several} else array[{one}] end", one=one, several=several)

    def conversion(self, before: Column, after: Column) -> Conversion | None:
        """Options that the column has too, one or several, and what can be read of texts."""
        kind, name = column_types.get(before.type), sql.identifier(before.name)
        if not isinstance(kind, OptionsType):
            return super().conversion(before, after)
        chosen = name if kind is self else sql.format("case when {name} is not null then array[{name}] end", name=name)
        if self.has_options_of(before, after):
            return Conversion(chosen)
        known = sql.format("nullif({known}, '{{}}')", known=self._known(after, chosen))
        same = sql.format("cardinality({known}) = cardinality({chosen})", known=known, chosen=chosen)
        return Conversion(known, "Options that the column has not are taken off.", same)

    def _known(self, column: Column, chosen: sql.Composable) -> sql.Composable:
        """Those of an array of texts that are options, in the order of these."""
        return sql.format(
            "array(select _value from unnest(array[{values}]::text[]) with ordinality as _options (_value, _place) "
            "where _value = any({chosen}) order by _place)",
            values=sql.literals(self.option_values(column)),
            chosen=chosen,
        )

    def default_sql(self, column: Column) -> sql.Composable | None:
        """A literal of the type `text[]`."""
        if column.default is None:
            return None
        values = self.value(column, column.default)
        return sql.format("array[{values}]::text[]", values=sql.literals(values)) if values else None
