from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "towpath.foundation.accounts"
    label = "accounts"
