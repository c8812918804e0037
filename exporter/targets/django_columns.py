"""What a column is in Django: the field of its model, and the same field as a migration states it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from exporter.column_context import ColumnContext
from exporter.python_code import Call, Name, Pair
from exporter.targets.django_names import TableNames
from schemas.column_types.settings import Bound
from schemas.names import slug

_BY_KIND: Final[Mapping[str, tuple[str, str]]] = {
    "boolean": ("models.BooleanField", "models.BooleanField"),
    "choice": ("SelectField", "models.CharField"),
    "choices": ("OptionsField", "ArrayField"),
    "date": ("models.DateField", "models.DateField"),
    "datetime": ("models.DateTimeField", "models.DateTimeField"),
    "decimal": ("models.DecimalField", "models.DecimalField"),
    "duration": ("LengthField", "models.DurationField"),
    "email": ("EmailAddressField", "models.EmailField"),
    "files": ("FilesField", "models.JSONField"),
    "integer": ("models.BigIntegerField", "models.BigIntegerField"),
    "json": ("models.JSONField", "models.JSONField"),
    "links": ("models.ManyToManyField", "models.ManyToManyField"),
    "long_text": ("LongTextField", "models.TextField"),
    "number": ("AutoNumberField", "models.BigIntegerField"),
    "relation": ("models.ForeignKey", "models.ForeignKey"),
    "text": ("models.CharField", "models.CharField"),
    "time": ("models.TimeField", "models.TimeField"),
    "url": ("WebAddressField", "models.URLField"),
    "user": ("models.ForeignKey", "models.ForeignKey"),
    "uuid": ("models.UUIDField", "models.UUIDField"),
}
"""The field by how values are entered, and what it is to the database: the export's own fields are Django's there."""

_BY_TYPE: Final[Mapping[str, tuple[str, str]]] = {
    "currency": ("CurrencyField", "models.DecimalField"),
    "percent": ("PercentField", "models.DecimalField"),
    "phone": ("PhoneField", "models.CharField"),
    "rating": ("RatingField", "models.SmallIntegerField"),
    "rich_text": ("RichTextField", "models.TextField"),
}
"""The field of types that are shown or read in a way of their own."""

_ON_DELETE: Final = {"set_null": "SET_NULL", "cascade": "CASCADE", "restrict": "RESTRICT"}
_ON_USER_DELETE: Final = {True: "PROTECT", False: "SET_NULL"}
_COMPUTED: Final = {"date": "localdate", "datetime": "now", "uuid": "uuid4"}
_MIGRATED_CALLABLES: Final = {
    "localdate": "django.utils.timezone.localdate",
    "now": "django.utils.timezone.now",
    "uuid4": "uuid.uuid4",
}
"""What computes defaults, as migrations name it."""
_BOUNDED: Final = ("integer", "decimal")
_LONGEST_OPTION: Final = 100
"""As `MAX_OPTION` of the exported fields."""


@dataclass(frozen=True, slots=True)
class DjangoColumn:
    """A column as the templates print it.

    Args:
        facts: what is known about the column.
        field: the name of its field.
        choices: the enumeration of its options.
        default_function: the function that makes its default, where that is a list or an object.
        module: where that function is.
        sequence: the sequence that numbers its rows.
        target: what it points to, if it does.
        through: the model of its links, if it links to many rows.
        related_name: what its rows are called from the other end.
    """

    facts: ColumnContext
    field: str
    choices: str = ""
    default_function: str = ""
    module: str = ""
    sequence: str = ""
    target: TableNames | None = None
    through: TableNames | None = None
    related_name: str = ""

    @property
    def declared(self) -> str:
        """The name of its field, with its type where nobody can work it out."""
        return f'{self.field}: "models.ManyToManyField[Any, Any]"' if self.through else self.field

    @property
    def field_class(self) -> str:
        """The class of the field in a model."""
        return self._one_to_one(self._classes[0])

    @property
    def model_field(self) -> Call:
        """The field in the model."""
        return Call(self.field_class, self._positional(), {**self._own(), **self._common()})

    @property
    def migrated_field(self) -> Call:
        """The field in a migration: no more than what the database has to know."""
        options = {**self._migrated(), **self._common(migrated=True)}
        return Call(self._one_to_one(self._classes[1]), (), dict(sorted(options.items())))

    @property
    def default_callable(self) -> str:
        """What computes the default of a new record; empty where nothing has to."""
        is_computed = self.facts.default_is_computed and self.facts.kind != "user"
        return _COMPUTED[self.facts.kind] if is_computed else ""

    @property
    def validators(self) -> list[Call]:
        """What refuses numbers beyond the bounds; the field of ratings brings its own."""
        bounds = {} if self.facts.type_key == "rating" else self.bounds
        return [Call(f"{word}ValueValidator", (bound,)) for word, bound in bounds.items()]

    @property
    def bounds(self) -> dict[str, Any]:
        """The smallest and the largest number, as `Min` and `Max`, as far as there are such."""
        settings = self.facts.settings
        if self.facts.type_key == "rating":
            return {"Min": 1, "Max": settings["max"]}
        if self.facts.kind not in _BOUNDED:
            return {}
        bounds = {word: Bound.number(settings[word.lower()]) for word in ("Min", "Max")}
        return {
            word: int(bound) if bound == bound.to_integral_value() else bound
            for word, bound in bounds.items()
            if bound is not None
        }

    @property
    def members(self) -> Iterator[tuple[str, Pair]]:
        """The members of the enumeration of its options, each with its name."""
        found: set[str] = set()
        for option in self.facts.options:
            name = slug(option.value).upper()
            while name in found:
                name += "_2"
            found.add(name)
            yield name, Pair(option.value, option.label)

    @property
    def is_entered(self) -> bool:
        """Whether people fill it in."""
        return not self.facts.numbered

    @property
    def _classes(self) -> tuple[str, str]:
        return _BY_TYPE.get(self.facts.type_key) or _BY_KIND[self.facts.kind]

    def _one_to_one(self, field: str) -> str:
        """A unique foreign key is called by what it is."""
        return "models.OneToOneField" if self.facts.reference and self.facts.unique else field

    def _positional(self) -> tuple[Any, ...]:
        if self.facts.kind == "user":
            return ("accounts.User",)
        return (f"records.{self.target.model}",) if self.target else ()

    def _own(self) -> dict[str, Any]:
        """The options that only a field of this type takes, in a model."""
        facts, settings = self.facts, self.facts.settings
        own = _OWN.get(facts.type_key)
        found = own(settings) if own else {}
        if facts.kind == "number":
            found = {"sequence": self.sequence, **found}
        elif self.choices:
            choices = Name(f"{self.choices}.choices")
            colors = {
                Name(f"{self.choices}.{name}"): option.color
                for (name, _), option in zip(self.members, facts.options, strict=True)
                if option.color != "gray"
            }
            found = {"options" if facts.kind == "choices" else "choices": choices}
            found |= {"colors": colors} if colors else {}
        return {**found, **self._limits(), **self._relation()}

    def _migrated(self) -> dict[str, Any]:
        """The options of this type that the database has to know."""
        facts = self.facts
        if facts.kind == "number":
            value = Call("models.Value", (self.sequence,))
            return {
                "db_default": Call("models.Func", (value,), {"function": "nextval"}),
                "editable": False,
                "unique": True,
            }
        if facts.kind == "choice":
            return {"max_length": _LONGEST_OPTION}
        if facts.kind == "choices":
            return {"base_field": Call("models.TextField"), "size": None}
        relation = self._relation()
        if facts.kind == "user":
            relation["to"] = Name("settings.AUTH_USER_MODEL")
        elif self.target:
            relation["to"] = self.target.label
        if self.through:
            relation["through"] = f"records.{self.through.model}"
        return {**self._limits(), **relation}

    def _limits(self) -> dict[str, Any]:
        facts, settings = self.facts, self.facts.settings
        found: dict[str, Any] = {}
        if not facts.options and "max_length" in settings:
            found["max_length"] = settings["max_length"]
        if facts.kind == "decimal":
            found |= {"max_digits": settings["precision"], "decimal_places": settings["scale"]}
        found |= {"validators": self.validators} if self.validators else {}
        return found

    def _relation(self) -> dict[str, Any]:
        facts = self.facts
        if facts.kind == "user":
            return {"on_delete": Name(f"models.{_ON_USER_DELETE[facts.required]}"), "related_name": "+"}
        if facts.reference:
            action = Name(f"models.{_ON_DELETE[facts.reference.on_delete]}")
            # PostgreSQL has a key of its own for it, which also reaches rows that the user does not see.
            return {"on_delete": action, "db_constraint": False, "related_name": self.related_name}
        if self.through:
            return {"through": f"records.{self.through.model}", "related_name": self.related_name}
        return {}

    def _common(self, *, migrated: bool = False) -> dict[str, Any]:
        facts = self.facts
        found: dict[str, Any] = {}
        if facts.links:
            found["blank"] = True
        elif not facts.required and not facts.numbered:
            found |= {"null": True, "blank": True}
        if facts.unique and not facts.reference and not facts.numbered:
            found["unique"] = True
        found |= self._default(migrated)
        column = f"{self.field}_id" if facts.reference or facts.kind == "user" else self.field
        if not facts.links and column != facts.name:
            found["db_column"] = facts.name
        if facts.label.lower() != self.field.replace("_", " ") or facts.label[1:] != facts.label[1:].lower():
            found["verbose_name"] = facts.label
        if facts.help_text:
            found["help_text"] = facts.help_text
        return found

    def _default(self, migrated: bool) -> dict[str, Any]:
        facts = self.facts
        if facts.default is None:
            return {}
        if self.default_function:
            function = f"{self.module}.{self.default_function}" if migrated else self.default_function
            return {"default": Name(function)}
        if facts.default_is_computed:
            if facts.kind == "user":
                return {"db_default": Call("models.Func", (), {"function": "auth.uid"})}
            word = self.default_callable
            return {"default": Name(_MIGRATED_CALLABLES[word] if migrated else word)}
        if self.choices and not migrated:
            names = {pair.first: name for name, pair in self.members}
            return {"default": Name(f"{self.choices}.{names[facts.default]}")}
        if facts.kind == "decimal":
            return {"default": Decimal(str(facts.default))}
        return {"default": facts.default}


_OWN: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "attachment": lambda settings: {
        "max_files": settings["max_files"],
        "max_size_mb": settings["max_size_mb"],
        **({"accept": list(settings["accept"])} if settings["accept"] else {}),
    },
    "auto_number": lambda settings: {
        **({"prefix": settings["prefix"]} if settings["prefix"] else {}),
        "padding": settings["padding"],
    },
    "phone": lambda settings: {"country": settings["country"]} if settings["country"] else {},
    "currency": lambda settings: {"currency": settings["currency"]},
    "rating": lambda settings: {"most": settings["max"]},
}
"""What the export's own fields take besides."""
