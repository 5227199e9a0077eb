"""The kinds that come along in words that can be translated; others are called what their rules call them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from towpath.estate.rules.ruling import EstateRules, shipped

KINDS: dict[str, str | Promise] = {
    "application": _("Application"),
    "component": _("Component"),
    "library": _("Library"),
    "certificate": _("Certificate"),
    "database": _("Database"),
    "cluster": _("Cluster"),
    "host": _("Host"),
    "storage": _("Storage"),
    "network_device": _("Network device"),
    "cloud_resource": _("Cloud resource"),
    "supplier_service": _("Supplier's service"),
}
LINKS: dict[str, str | Promise] = {
    "runs_on": _("runs on"),
    "depends_on": _("depends on"),
    "connects_to": _("connects to"),
    "part_of": _("is part of"),
    "supplied_by": _("is supplied by"),
}


def kind_in_words(kind: str, rules: EstateRules | None = None) -> str:
    """A kind as people read it."""
    known = (rules or shipped()).kinds.get(kind)
    own = known is not None and known.name != shipped().kinds[kind].name if kind in KINDS else True
    return (known.name if known else kind) if own else str(KINDS[kind])


def link_in_words(kind: str, rules: EstateRules | None = None) -> str:
    """A kind of link as people read it."""
    known = (rules or shipped()).links.get(kind)
    own = known is not None and known.name != shipped().links[kind].name if kind in LINKS else True
    return (known.name if known else kind) if own else str(LINKS[kind])
