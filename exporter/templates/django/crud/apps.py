from django.apps import AppConfig


class CrudConfig(AppConfig):
    name = "crud"
    verbose_name = "Pages and API"

    def ready(self) -> None:
        from crud import checks  # noqa: F401
