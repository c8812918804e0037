"""The admin of every section, and the rest of it."""

from django.contrib import admin
from django.test import TestCase
from django.urls import reverse

from crud.access import acting_as
from crud.sections import sections
from crud.testing import in_memory, make, make_user


@in_memory
class AdminTests(TestCase):
    def setUp(self) -> None:
        self.admin = make_user(is_staff=True, is_superuser=True)
        self.client.force_login(self.admin)

    def test_every_list_and_form_opens(self) -> None:
        for model in admin.site._registry:
            options = model._meta
            for page in ("changelist", "add"):
                address = reverse(f"admin:{options.app_label}_{options.model_name}_{page}")
                self.assertEqual(self.client.get(address).status_code, 200, address)

    def test_everybodys_records_are_shown_and_deleted(self) -> None:
        for section in sections():
            with acting_as(make_user()):
                record = make(section.model)
            name = f"admin:records_{section.model._meta.model_name}"
            listed = self.client.get(reverse(f"{name}_changelist"), {"q": "nothing like it"})
            self.assertEqual(listed.status_code, 200)
            self.assertContains(self.client.get(reverse(f"{name}_changelist")), str(record.pk))
            change = self.client.get(reverse(f"{name}_change", args=[record.pk]))
            self.assertEqual(change.status_code, 200)
            delete = reverse(f"{name}_delete", args=[record.pk])
            self.assertRedirects(
                self.client.post(delete, {"post": "yes"}), reverse(f"{name}_changelist")
            )

    def test_members_stay_outside(self) -> None:
        self.client.force_login(make_user())
        self.assertEqual(self.client.get(reverse("admin:index")).status_code, 302)
