"""PostgreSQL refuses what no record may have, whoever writes it."""

from typing import Any

from django.db import IntegrityError, models, transaction
from django.test import TestCase

from crud.access import acting_as
from crud.fields import EmailAddressField, OptionsField, RatingField, SelectField
from crud.sections import sections
from crud.testing import make, make_user


class LimitTests(TestCase):
    def test_values_that_get_past_the_forms_are_refused(self) -> None:
        user = make_user()
        for section in sections():
            for field in section.model._meta.fields:
                if (value := self.impossible(field)) is None:
                    continue
                with acting_as(user):
                    record = section.model.objects.filter(pk=make(section.model).pk)
                    with self.assertRaises(IntegrityError), transaction.atomic():
                        record.update(**{field.name: value})

    def impossible(self, field: models.Field) -> Any:
        """A value that the column has room for; None where any is possible."""
        match field:
            case SelectField():
                return "no such option"
            case OptionsField():
                return ["no such option"]
            case EmailAddressField():
                return "nobody"
            case RatingField():
                return field.most + 1
        return None
