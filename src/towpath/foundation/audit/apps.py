from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "towpath.foundation.audit"
    label = "audit"
