"""The pages of every section: lists, records, forms."""

from django.test import TestCase, override_settings
from django.urls import reverse

from crud.access import acting_as
from crud.fields import FilesField
from crud.sections import Section, section_of, sections
from crud.testing import PASSWORD, form_data, in_memory, make, make_user
from records.tests.access import SHARED


@in_memory
class PageTests(TestCase):
    def setUp(self) -> None:
        self.user = make_user()
        self.client.force_login(self.user)

    def address(self, section: Section, action: str, *arguments: object) -> str:
        return reverse(f"{section.model._meta.model_name}-{action}", args=arguments)

    def test_whoever_is_not_signed_in_is_asked_to(self) -> None:
        self.client.logout()
        for section in sections():
            response = self.client.get(self.address(section, "list"))
            self.assertRedirects(
                response, f"{reverse('login')}?next=/{section.slug}/", fetch_redirect_response=False
            )

    def test_people_sign_in_and_out(self) -> None:
        self.client.logout()
        data = {"username": make_user(PASSWORD).email, "password": PASSWORD}
        self.assertRedirects(self.client.post(reverse("login"), data), reverse("dashboard"))
        self.assertRedirects(self.client.post(reverse("logout")), reverse("login"))

    @override_settings(ALLOW_SIGN_UP=True)
    def test_people_make_accounts_where_that_is_allowed(self) -> None:
        self.client.logout()
        secret = "a long enough secret"
        data = {"email": "New@example.com", "password1": secret, "password2": secret}
        self.assertRedirects(self.client.post(reverse("sign_up"), data), reverse("dashboard"))
        with override_settings(ALLOW_SIGN_UP=False):
            self.assertEqual(self.client.get(reverse("sign_up")).status_code, 404)

    def test_a_password_is_changed(self) -> None:
        self.client.force_login(make_user(PASSWORD))
        secret = "another long secret"
        data = {"old_password": PASSWORD, "new_password1": secret, "new_password2": secret}
        response = self.client.post(reverse("password_change"), data)
        self.assertRedirects(response, reverse("password_change_done"))

    def test_the_dashboard_counts_what_one_sees(self) -> None:
        with acting_as(make_user()):
            for section in sections():
                make(section.model)
        for section, count in self.client.get(reverse("dashboard")).context["counts"]:
            self.assertEqual(count > 0, section.slug in SHARED, section.slug)

    def test_records_are_listed_searched_and_ordered(self) -> None:
        for section in sections():
            with acting_as(self.user):
                record = make(section.model)
            address = self.address(section, "list")
            self.assertContains(self.client.get(address), record.get_absolute_url())
            for name in section.sortable:
                response = self.client.get(address, {"ordering": f"-{name}", "page": "1"})
                self.assertContains(response, record.get_absolute_url())
            if section.search_fields:
                response = self.client.get(address, {"search": "no such words anywhere"})
                self.assertNotContains(response, record.get_absolute_url())

    def test_filters_that_cannot_be_read_are_said_to_be_wrong(self) -> None:
        for section in sections():
            for name in section.filterset_class.base_filters:
                address = self.address(section, "list")
                for words in ("nonsense", "\x00", "1"):
                    response = self.client.get(address, {name: words, "search": words})
                    self.assertEqual(response.status_code, 200, (section.slug, name, words))

    def test_a_record_is_shown_changed_deleted_and_made(self) -> None:
        for section in sections():
            with self.subTest(section=section.slug):
                self.walk(section)

    def walk(self, section: Section) -> None:
        """What people do with a record."""
        with acting_as(self.user):
            record = make(section.model)
        detail = self.address(section, "detail", record.pk)
        self.assertContains(self.client.get(detail), reverse("dashboard"))

        edit = self.address(section, "update", record.pk)
        page = self.client.get(edit)
        for target in self.targets(section):
            self.assertContains(page, f'data-options="{self.address(target, "options")}"')
        data = form_data(page.context["form"], section.model)
        response = self.client.post(edit, data)
        self.assertRedirects(response, detail, msg_prefix=self.problems(response))

        delete = self.address(section, "delete", record.pk)
        self.assertContains(self.client.get(delete), "This cannot be undone.")
        self.assertRedirects(self.client.post(delete), self.address(section, "list"))
        self.assertEqual(self.client.get(detail).status_code, 404)

        create = self.address(section, "create")
        self.assertEqual(self.client.get(create).status_code, 200)
        response = self.client.post(create, data)
        self.assertEqual(response.status_code, 302, self.problems(response))
        with acting_as(self.user):
            made = section.model.objects.get()
            self.assertEqual(made.user_id, self.user.pk)
            made.delete()

    def targets(self, section: Section) -> list[Section]:
        """The sections that records are picked from."""
        keys = [section.model._meta.get_field(name) for name in section.relations]
        found = [section_of(key.related_model) for key in keys if key.related_model]
        return [target for target in found if target]

    def problems(self, response: object) -> str:
        context = getattr(response, "context", None) or {}
        return str(context["form"].errors) if "form" in context else ""

    def test_hidden_records_have_no_pages(self) -> None:
        for section in sections():
            with acting_as(make_user()):
                record = make(section.model)
            for action in ("detail", "update", "delete"):
                response = self.client.get(self.address(section, action, record.pk))
                expected = 200 if section.slug in SHARED else 404
                self.assertEqual(response.status_code, expected, (section.slug, action))

    def test_pickers_offer_what_one_sees(self) -> None:
        for section in sections():
            with acting_as(self.user):
                record = make(section.model)
            with acting_as(make_user()):
                make(section.model)
            response = self.client.get(self.address(section, "options"))
            found = {option["id"] for option in response.json()["options"]}
            self.assertIn(str(record.pk), found)
            self.assertEqual(len(found) > 1, section.slug in SHARED, section.slug)

    def test_files_are_read_by_whoever_sees_their_record(self) -> None:
        for section in sections():
            for field in section.model._meta.fields:
                if not isinstance(field, FilesField):
                    continue
                with acting_as(self.user):
                    record = make(section.model)
                file = getattr(record, field.name)[0]
                address = self.address(section, "file", record.pk, field.name, file["id"])
                response = self.client.get(address)
                self.assertEqual(b"".join(response), b"hello")
                self.assertIn("attachment", response["Content-Disposition"])
                self.client.force_login(make_user())
                expected = 200 if section.slug in SHARED else 404
                self.assertEqual(self.client.get(address).status_code, expected)
                self.client.force_login(self.user)
