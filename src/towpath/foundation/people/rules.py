"""The roles in which people use Towpath (DESIGN: "Who uses it")."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person comes for. A person may hold several."""

    CUSTOMER = "customer", _("Customer")
    AGENT = "agent", _("Support agent")
    SERVICE_MANAGER = "service_manager", _("Service manager")
    LEADER = "leader", _("Leader")
    ADMINISTRATOR = "administrator", _("Administrator")


STAFF = frozenset({Role.AGENT, Role.SERVICE_MANAGER, Role.LEADER, Role.ADMINISTRATOR})
"""The roles of people who run the service, as against those whom it serves."""
