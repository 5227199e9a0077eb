"""What the estate's pages have in common."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.foundation.access.actor import Actor


def tabs_for(actor: Actor) -> list[tuple[str, str]]:
    """The pages side by side: (label, address)."""
    found = [
        (_("Items"), reverse("estate:list")),
        (_("Weak libraries"), reverse("estate:software")),
        (_("Libraries"), reverse("estate:libraries")),
        (_("Licences"), reverse("estate:licences")),
        (_("Trust"), reverse("estate:trust")),
        (_("Scans"), reverse("estate:ranges")),
        (_("What changed"), reverse("estate:discoveries")),
    ]
    return [*found, (_("Bring in"), reverse("estate:import"))] if actor.may(WRITE_ESTATE) else found
