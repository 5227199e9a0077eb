from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "towpath.customers"
    label = "customers"
