from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "towpath.customers"
    label = "customers"

    def ready(self) -> None:
        from towpath.customers import forgetting  # noqa: F401 (registers what it erases)
