"""The API of every section."""

from typing import Any

from rest_framework.authtoken.models import Token
from rest_framework.test import APITestCase

from crud.access import acting_as
from crud.fields import FilesField
from crud.sections import Section, sections
from crud.testing import in_memory, make, make_user, upload
from records.tests.access import SHARED


@in_memory
class ApiTests(APITestCase):
    def setUp(self) -> None:
        self.user = make_user()
        self.sign_in(self.user)

    def sign_in(self, user: Any) -> None:
        token = Token.objects.create(user=user)
        self.client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")

    def test_without_a_token_there_is_nothing(self) -> None:
        self.client.credentials()
        for section in sections():
            self.assertEqual(self.client.get(f"/api/{section.slug}/").status_code, 401)

    def test_records_are_listed_made_changed_and_deleted(self) -> None:
        for section in sections():
            with self.subTest(section=section.slug):
                self.walk(section)

    def walk(self, section: Section) -> None:
        """What programs do with a record."""
        with acting_as(self.user):
            record = make(section.model)
        address = f"/api/{section.slug}/{record.pk}/"
        listed = self.client.get(f"/api/{section.slug}/", {"search": ""}).json()
        self.assertIn(str(record.pk), {one["id"] for one in listed["results"]})
        stored = self.client.get(address).json()
        self.assertEqual(stored["user"], str(self.user.pk))
        response = self.client.patch(address, stored, format="json")
        self.assertEqual(response.status_code, 200, response.content)
        self.assertEqual(self.client.delete(address).status_code, 204)
        self.assertEqual(self.client.get(address).status_code, 404)

        files = [f for f in section.model._meta.fields if isinstance(f, FilesField)]
        data = {name: value for name, value in stored.items() if value is not None}
        data |= {field.name: [upload(field)] for field in files}
        if files:
            data = {name: value for name, value in data.items() if not isinstance(value, dict)}
        response = self.client.post(
            f"/api/{section.slug}/", data, format="multipart" if files else "json"
        )
        if response.status_code == 400 and files:
            # Objects have no place among the parts of a form.
            return
        self.assertEqual(response.status_code, 201, response.content)
        with acting_as(self.user):
            section.model.objects.get(pk=response.json()["id"]).delete()

    def test_hidden_records_are_as_good_as_missing(self) -> None:
        for section in sections():
            with acting_as(make_user()):
                record = make(section.model)
            response = self.client.get(f"/api/{section.slug}/{record.pk}/")
            self.assertEqual(response.status_code, 200 if section.slug in SHARED else 404)

    def test_what_a_record_cannot_hold_is_refused(self) -> None:
        for section in sections():
            serializer = section.serializer_class()
            if any(field.required for field in serializer.fields.values()):
                response = self.client.post(f"/api/{section.slug}/", {}, format="json")
                self.assertEqual(response.status_code, 400, section.slug)
