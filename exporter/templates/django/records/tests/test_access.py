"""PostgreSQL itself keeps people from each other's records."""

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.test import TestCase

from crud.access import acting_as
from crud.models import Link, Record
from crud.sections import Section, sections
from crud.testing import make, make_user
from records.tests.access import SHARED


class AccessTests(TestCase):
    def setUp(self) -> None:
        self.ada = make_user()
        self.ben = make_user()
        self.admin = make_user(is_staff=True)

    def test_every_table_is_guarded(self) -> None:
        owned = (Record, Link)
        tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, owned)]
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_class where relname = any(%s)"
                " and relnamespace = 'public'::regnamespace"
                " and relrowsecurity and relforcerowsecurity",
                [tables],
            )
            self.assertEqual(cursor.fetchone(), (len(tables),))

    def test_nobody_sees_anything_without_saying_who_they_are(self) -> None:
        for section in sections():
            with acting_as(self.ada):
                make(section.model)
            self.assertEqual(section.model.objects.count(), 0, section.slug)
            with self.assertRaises(DatabaseError), transaction.atomic():
                make(section.model)

    def test_private_records_are_their_owners_alone_and_shared_ones_everybodys(self) -> None:
        for section in sections():
            with acting_as(self.ada):
                record = make(section.model)
            with acting_as(self.ben):
                found = section.model.objects.filter(pk=record.pk)
                self.assertEqual(found.exists(), section.slug in SHARED, section.slug)
            with acting_as(self.admin):
                self.assertTrue(section.model.objects.filter(pk=record.pk).exists(), section.slug)

    def test_hidden_records_cannot_be_changed_or_deleted(self) -> None:
        for section in sections():
            with acting_as(self.ada):
                record = make(section.model)
            if section.slug in SHARED:
                continue
            with acting_as(self.ben):
                hidden = section.model.objects.filter(pk=record.pk)
                self.assertEqual(hidden.update(updated_at=record.updated_at), 0, section.slug)
                self.assertEqual(hidden._raw_delete(hidden.db), 0, section.slug)
            with acting_as(self.ada):
                self.assertTrue(section.model.objects.filter(pk=record.pk).exists())

    def test_records_belong_to_whoever_adds_them_and_stay_theirs(self) -> None:
        for section in sections():
            with acting_as(self.ada):
                record = make(section.model)
                self.assertEqual(record.user_id, self.ada.pk, section.slug)
                with self.assertRaises(DatabaseError), transaction.atomic():
                    section.model.objects.filter(pk=record.pk).update(user=self.ben)
                with self.assertRaises(DatabaseError), transaction.atomic():
                    make(section.model, user=self.ben)

    def test_nobody_links_to_a_record_that_they_do_not_see(self) -> None:
        for section, field in self.links_to_private_records():
            with acting_as(self.ada):
                hidden = make(field.remote_field.model)
            with acting_as(self.ben):
                own = make(section.model)
                with self.assertRaises(DatabaseError), transaction.atomic():
                    section.model.objects.filter(pk=own.pk).update(**{field.attname: hidden.pk})

    def test_a_wrong_role_does_not_outlive_its_transaction(self) -> None:
        with self.assertRaises(ZeroDivisionError), acting_as(self.ada):
            raise ZeroDivisionError
        with connection.cursor() as cursor:
            cursor.execute("select current_user = session_user, auth.uid()")
            self.assertEqual(cursor.fetchone(), (True, None))

    def links_to_private_records(self) -> list[tuple[Section, models.ForeignKey]]:
        shared = [section.model for section in sections() if section.slug in SHARED]
        return [
            (section, field)
            for section in sections()
            for field in section.model._meta.fields
            if isinstance(field, models.ForeignKey)
            and issubclass(field.remote_field.model, Record)
            and field.remote_field.model not in shared
        ]
