"""Model fields that know how their values are entered and shown.

In migrations they are Django's own fields: what they add is no matter of the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

import phonenumbers
from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
    validate_email,
)
from django.db import models
from django.db.models import Func, Value
from django.utils.text import capfirst

from crud.files import FilesFormField, accepts, stored_as
from crud.html import sanitised
from crud.patterns import EMAIL, PHONE

Validator = Callable[[Any], None]
Deconstructed = tuple[str, str, Sequence[Any], dict[str, Any]]

MAX_OPTION = 100
LONGEST = timedelta(days=366_000)


class PlainInMigrations(models.Field):
    """A field of which migrations only say what the database has to know."""

    plain: ClassVar[type[models.Field]]
    own_options: ClassVar[tuple[str, ...]] = ()

    def deconstruct(self) -> Deconstructed:
        name, _, arguments, options = super().deconstruct()
        kept = {key: value for key, value in options.items() if key not in self.own_options}
        return name or "", f"django.db.models.{self.plain.__name__}", arguments, kept


class CurrencyField(PlainInMigrations, models.DecimalField):
    """An amount of money in one currency."""

    plain = models.DecimalField

    def __init__(self, *, currency: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.currency = currency

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        label = capfirst(f"{self.verbose_name} ({self.currency})")
        return super().formfield(**{"label": label, **options})


class PercentField(PlainInMigrations, models.DecimalField):
    """A share of a hundred."""

    plain = models.DecimalField


class RatingField(PlainInMigrations, models.SmallIntegerField):
    """Stars, from one to `most`."""

    plain = models.SmallIntegerField

    def __init__(self, *, most: int = 5, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    @property
    def validators(self) -> list[Validator]:  # type: ignore[override]
        return [*super().validators, MinValueValidator(1), MaxValueValidator(self.most)]

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        return super().formfield(**{"min_value": 1, "max_value": self.most, **options})


class LengthField(PlainInMigrations, models.DurationField):
    """A length of time of at most a thousand years."""

    plain = models.DurationField

    @property
    def validators(self) -> list[Validator]:  # type: ignore[override]
        return [*super().validators, MinValueValidator(-LONGEST), MaxValueValidator(LONGEST)]


class EmailAddressField(PlainInMigrations, models.EmailField):
    """An email address with a domain that has a dot in it."""

    plain = models.EmailField
    default_validators = (validate_email, RegexValidator(EMAIL, "Enter a valid email address."))


class WebAddressField(PlainInMigrations, models.URLField):
    """An address of the web; a link that runs something is none."""

    plain = models.URLField
    default_validators = (URLValidator(schemes=["http", "https"]),)

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        return super().formfield(**{"assume_scheme": "https", **options})


class PhoneField(PlainInMigrations, models.CharField):
    """A telephone number: as people write it, or in the form of E.164 where its country is known."""

    plain = models.CharField
    default_validators = (
        RegexValidator(PHONE, "Enter a phone number: digits, spaces and + ( ) - . / x # *."),
    )

    def __init__(self, *, country: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.country = country

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self._international(text) if text and self.country else text

    def _international(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text, self.country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or number.extension or not phonenumbers.is_possible_number(number):
            raise ValidationError("Enter a phone number without an extension.", code="phone")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        return super().formfield(**{"widget": forms.TextInput(attrs={"type": "tel"}), **options})


class LongTextField(PlainInMigrations, models.TextField):
    """Text of many lines, whose length is checked wherever it comes from."""

    plain = models.TextField

    @property
    def validators(self) -> list[Validator]:  # type: ignore[override]
        longest = [MaxLengthValidator(self.max_length)] if self.max_length else []
        return [*super().validators, *longest]


class RichTextField(LongTextField):
    """Formatted text: HTML of few tags, whoever sends it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return sanitised(text) or (None if self.null else "") if text else text

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))


class SelectField(PlainInMigrations, models.CharField):
    """One of a list of options, each with the colour of its badge."""

    plain = models.CharField
    own_options = ("choices",)

    def __init__(self, *, colors: Mapping[Any, str] | None = None, **options: Any) -> None:
        super().__init__(**{"max_length": MAX_OPTION, **options})
        self.colors = dict(colors or {})


class OptionsField(ArrayField):
    """Any number of a list of options, in the order of the list. Nothing chosen is null."""

    def __init__(
        self,
        *,
        options: Iterable[tuple[str, str]] = (),
        colors: Mapping[Any, str] | None = None,
        **others: Any,
    ) -> None:
        others.setdefault("base_field", models.TextField())
        super().__init__(**others)
        self.options = list(options)
        self.colors = dict(colors or {})

    def deconstruct(self) -> Deconstructed:
        name, _, arguments, options = super().deconstruct()
        return name or "", "django.contrib.postgres.fields.ArrayField", arguments, options

    def to_python(self, value: Any) -> Any:
        if value in (None, "", [], ()):
            return None
        if not isinstance(value, list | tuple | set):
            raise ValidationError("Choose from the options.", code="not_a_list")
        order = {option: place for place, (option, _) in enumerate(self.options)}
        if unknown := [item for item in value if item not in order]:
            raise ValidationError(f"There is no option {unknown[0]!r}.", code="invalid_choice")
        return sorted(set(value), key=order.__getitem__)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        chosen = self.to_python(value)
        if chosen is None and not self.blank:
            raise ValidationError(self.error_messages["blank"], code="blank")
        return chosen

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(value or None, connection, prepared)

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        return forms.TypedMultipleChoiceField(
            choices=self.options,
            empty_value=None,
            required=not self.blank,
            label=capfirst(str(self.verbose_name)),
            help_text=self.help_text,
            initial=self.get_default() if self.has_default() else None,
            widget=forms.CheckboxSelectMultiple,
        )


class AutoNumberField(PlainInMigrations, models.BigIntegerField):
    """A number that a sequence of PostgreSQL gives, shown as `INV-0001`."""

    plain = models.BigIntegerField

    def __init__(
        self, *, sequence: str = "", prefix: str = "", padding: int = 1, **options: Any
    ) -> None:
        given: dict[str, Any] = {"unique": True, "editable": False}
        if sequence:
            given["db_default"] = Func(Value(sequence), function="nextval")
        super().__init__(**{**given, **options})
        self.sequence = sequence
        self.prefix = prefix
        self.padding = padding

    def shown(self, number: int) -> str:
        return f"{self.prefix}{number:0{self.padding}d}"


class FilesField(PlainInMigrations, models.JSONField):
    """Files of a record: what is known of them. Their contents are in Django's storage."""

    plain = models.JSONField

    def __init__(
        self,
        *,
        max_files: int = 10,
        max_size_mb: int = 10,
        accept: Iterable[str] = (),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.max_files = max_files
        self.max_size_mb = max_size_mb
        self.accept = list(accept)

    def to_python(self, value: Any) -> Any:
        return None if value in ([], ()) else value

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        if value is None:
            models.Field.validate(self, value, model_instance)
            return
        if len(value) > self.max_files:
            raise ValidationError(f"At most {self.max_files} files fit here.", code="too_many")
        for file in value:
            if isinstance(file, UploadedFile):
                self._check_upload(file)

    def _check_upload(self, file: UploadedFile) -> None:
        if (file.size or 0) > self.max_size_mb * 1024 * 1024:
            raise ValidationError(
                f"{file.name} is larger than {self.max_size_mb} MB.", code="too_large"
            )
        if not accepts(self.accept, file):
            raise ValidationError(
                f"{file.name} is not of a kind that is accepted here.", code="not_accepted"
            )

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Stores what was uploaded, as Django's own file fields do."""
        files = super().pre_save(model_instance, add)
        if not files:
            return None
        stored = [self._stored(file) if isinstance(file, UploadedFile) else file for file in files]
        setattr(model_instance, self.attname, stored)
        return stored

    def _stored(self, file: UploadedFile) -> dict[str, Any]:
        file_id = str(uuid4())
        default_storage.save(stored_as(file_id), file)
        return {
            "id": file_id,
            "name": file.name,
            "size": file.size,
            "type": file.content_type or "application/octet-stream",
        }

    def formfield(self, **options: Any) -> forms.Field | None:  # type: ignore[override]
        return models.Field.formfield(
            self, **{"form_class": FilesFormField, "accept": self.accept, **options}
        )
