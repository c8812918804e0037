"""What a column is in TypeScript: its types, its validation, its form field and how it is queried."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from exporter.column_context import ColumnContext
from exporter.environment import jsx_attribute, ts_string
from exporter.targets.nextjs_values import NextValue, label_function

_VALIDATORS: Final = {
    "date": "date()",
    "datetime": "dateTime()",
    "duration": "duration()",
    "links": "links()",
    "json": "json()",
    "relation": "uuid()",
    "time": "time()",
    "user": "uuid()",
    "uuid": 'uuid("Enter a UUID.")',
}
_COMPONENTS: Final = {
    "boolean": "CheckboxField",
    "choice": "SelectField",
    "choices": "CheckboxesField",
    "files": "FilesField",
    "json": "TextareaField",
    "links": "LinksField",
    "long_text": "TextareaField",
    "relation": "RelationField",
    "user": "UserField",
}
_INPUTS: Final = {
    "date": 'type="date"',
    "datetime": 'type="datetime-local"',
    "decimal": 'inputMode="decimal"',
    "duration": 'placeholder="1:30:00"',
    "email": 'type="email"',
    "integer": 'inputMode="numeric"',
    "time": 'type="time" step={1}',
    "url": 'type="url"',
}
_COMPUTED: Final = {
    "date": "today()",
    "datetime": "new Date().toISOString()",
    "user": '(session?.user.id ?? "")',
    "uuid": "crypto.randomUUID()",
}
_BARE_KEY = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_NOT_FOR_FIELDS: Final = ("constructor", "prototype", "root")
"""Names that react-hook-form 7 ignores, or keeps for itself (`PROTOTYPE_KEYWORDS` and `ROOT_ERROR_TYPE` there)."""

_UNSORTABLE: Final = ("choices", "files", "json", "links", "user")


@dataclass(frozen=True, slots=True)
class NextColumn(NextValue):
    """A column as the templates print it.

    Args:
        foreign_key: the name of its foreign key, if it points to another table.
        link_keys: the foreign keys of its junction table, to the source and to the target, if it links to many rows.
    """

    foreign_key: str = ""
    link_keys: tuple[str, str] = ("", "")

    @property
    def field_name(self) -> str:
        """The name of its field in a form: its own but where forms cannot have such a field."""
        return f"{self.name}Value" if self.name in _NOT_FOR_FIELDS else self.name

    @property
    def label(self) -> str:
        """The label, with the currency where there is one."""
        currency = self.facts.settings.get("currency")
        return f"{self.facts.label} ({currency})" if currency else self.facts.label

    @property
    def is_exact(self) -> bool:
        """Whether its numbers travel as text, because a JavaScript number would round them."""
        return self.facts.kind == "decimal"

    @property
    def row_type(self) -> str:
        """The type of a stored value, without null."""
        if self.is_exact:
            return "number"
        if self.facts.kind == "number":
            return "number"
        return "Json" if self.facts.kind == "json" else self.facts.typescript

    @property
    def insert_type(self) -> str:
        """The type of a value that is written, without null."""
        return "number | string" if self.is_exact else self.row_type

    @property
    def is_nullable(self) -> bool:
        """Whether a stored row may have no value."""
        return not self.facts.required and not self.facts.numbered

    @property
    def is_insert_optional(self) -> bool:
        """Whether a new row may leave it out."""
        return not self.facts.required or bool(self.facts.default_sql)

    @property
    def selected(self) -> str:
        """What a query asks for; empty where only `embedded` says it."""
        if self.facts.links:
            return ""
        return f"{self.name}::text" if self.is_exact else self.name

    @property
    def embedded(self) -> str:
        """What a query asks for about the record that a relation points to; empty for other columns."""
        if not self.target:
            return ""
        title = f", {NextColumn(self.target.title).selected}" if self.target.title else ""
        if self.facts.links:
            to_source, to_target = self.link_keys
            linked = f"target:{self.target.name}!{to_target}(id{title})"
            return f"{self.name}:{self.facts.links.junction}!{to_source}({linked})"
        if not self.facts.reference:
            return ""
        # Within one table a foreign key has two ends; named by its column, it leads to the record that is pointed to.
        link = f"{self.target.name}!{self.foreign_key}" if self.foreign_key else self.name
        return f"{self.facts.reference.field}:{link}(id{title})"

    @property
    def sort(self) -> str:
        """What a list is ordered by; empty when it cannot be."""
        if self.facts.reference:
            title = self.target.title if self.target else None
            return f"{self.facts.reference.field}({title.name})" if title else ""
        return "" if self.facts.kind in _UNSORTABLE else self.name

    @property
    def validator(self) -> str:
        """The rule of the form."""
        kind = self.facts.kind
        if kind == "boolean":
            return "z.boolean()"
        if kind in ("choices", "files"):
            what = self.options_name or self.facts.settings["max_files"]
            return f"{'required' if self.facts.required else 'optional'}List({kind}({what}))"
        if kind == "links":
            return "links()"
        return f"{'required' if self.facts.required else 'optional'}({self._rule()})"

    @property
    def field(self) -> str:
        """The form field."""
        facts = self.facts
        parts = [f'control={{form.control}} name="{self.field_name}" label={jsx_attribute(self.label)}']
        if facts.help_text:
            parts.append(f"help={jsx_attribute(facts.help_text)}")
        if facts.display == "phone":
            parts.append('type="tel"')
        elif facts.kind in _INPUTS:
            parts.append(_INPUTS[facts.kind])
        if self.options_name:
            parts.append(f"options={{{self.options_name}}}")
        if self.target:
            field = facts.reference.field if facts.reference else ""
            current = f"record?.{field}" if field else f"linked(record?.{self.name})"
            parts.append(f"current={{{current}}} describe={{{label_function(self.target)}}}")
            parts.append(f"search={{search{self.target.rows_name}}}")
        if facts.kind == "files":
            parts.append(f"maxSize={{{facts.settings['max_size_mb']}}}")
            accept = ",".join(facts.settings["accept"])
            parts += [f"accept={jsx_attribute(accept)}"] if accept else []
        if facts.required and facts.kind != "boolean":
            parts.append("required")
        return f"<{_COMPONENTS.get(facts.kind, 'TextField')} {' '.join(parts)} />"

    @property
    def initial(self) -> str:
        """What the form shows at first: the record's value, or the default of a new one."""
        stored, default = f"record?.{self.name}", self._default()
        if self.facts.kind == "boolean":
            return f"{stored} ?? {default or 'false'}"
        if self.facts.kind in ("choices", "files"):
            return f"{stored} ?? {default or '[]'}"
        if self.facts.kind == "links":
            return f"linkedIds({stored})"
        if self.facts.kind == "json":
            return f"toJsonInput({self._stored_or(default)})"
        if self.facts.kind == "datetime":
            return f"toLocalInput({self._stored_or(default)})"
        if not default:
            value = f'{stored} ?? ""'
        elif self.facts.required:
            value = f"{stored} ?? {default}"
        else:
            value = f'record ? (record.{self.name} ?? "") : {default}'
        return f"String({value})" if self.facts.kind == "integer" else value

    def _rule(self) -> str:
        facts, settings = self.facts, self.facts.settings
        if self.options_name:
            return f"choice({self.options_name})"
        if facts.kind in _VALIDATORS:
            return _VALIDATORS[facts.kind]
        if facts.kind == "integer":
            bounds = _object(min=facts.minimum, max=facts.maximum)
            return f"integer({bounds})"
        if facts.kind == "decimal":
            digits = {"precision": settings["precision"], "scale": settings["scale"]}
            return f"decimal({_object(**digits, min=facts.minimum, max=facts.maximum)})"
        return f"{pattern_name(facts) if facts.pattern else 'text'}({facts.longest or ''})"

    def _default(self) -> str:
        """The default of a new record as an expression; empty for none."""
        facts = self.facts
        if facts.default is None:
            return ""
        if facts.default_is_computed:
            return _COMPUTED.get(facts.kind, "")
        if facts.kind in ("boolean", "integer", "choices", "json"):
            return _literal(facts.default)
        return ts_string(str(facts.default))

    def _stored_or(self, default: str) -> str:
        return f"record ? record.{self.name} : {default}" if default else f"record?.{self.name}"


def camel(name: str) -> str:
    """`due_date` as `dueDate`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pattern_name(facts: ColumnContext) -> str:
    """The function that checks the pattern of a column: columns of one type may have several."""
    return camel(facts.type_key) + ("International" if facts.settings.get("country") else "")


def _object(**members: object) -> str:
    given = ", ".join(f"{key}: {value}" for key, value in members.items() if value is not None)
    return f"{{ {given} }}" if given else ""


def _literal(value: object) -> str:
    """A JSON value as TypeScript."""
    if isinstance(value, str):
        return ts_string(value)
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, dict):
        keys = value if all(_BARE_KEY.match(key) for key in value) else map(ts_string, value)
        members = ", ".join(f"{key}: {_literal(item)}" for key, item in zip(keys, value.values(), strict=True))
        return f"{{ {members} }}" if members else "{}"
    return json.dumps(value)
