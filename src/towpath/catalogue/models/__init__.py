"""Records of the catalogue: one module a noun; Django finds them here."""

from towpath.catalogue.models.agreements import Agreement
from towpath.catalogue.models.services import Service

__all__ = ["Agreement", "Service"]
