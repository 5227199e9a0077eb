"""A whole sentence for each kind of trouble and each shape of what those hit have in common."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from towpath.improvement.rules.causes import OF_ESTATE, Family

_FAULT = {
    "": _("“%(step)s” fails more than it should"),
    "change": _("“%(step)s” fails in %(what)s"),
    "component": _("“%(step)s” fails at %(what)s"),
    "component_hours": _("“%(step)s” fails at %(what)s from %(first)s to %(last)s"),
    "service": _("“%(step)s” fails in the service %(what)s"),
    "channel": _("“%(step)s” fails for customers who come by %(what)s"),
    "device": _("“%(step)s” fails for customers with %(what)s"),
    "language": _("“%(step)s” fails for customers whose language is %(what)s"),
    "region": _("“%(step)s” fails for customers in %(what)s"),
    "hours": _("“%(step)s” fails from %(first)s to %(last)s"),
}
_SLOW = {
    "": _("“%(step)s” is too slow"),
    "change": _("“%(step)s” is too slow in %(what)s"),
    "component": _("“%(step)s” is too slow at %(what)s"),
    "component_hours": _("“%(step)s” is too slow at %(what)s from %(first)s to %(last)s"),
    "service": _("“%(step)s” is too slow in the service %(what)s"),
    "channel": _("“%(step)s” is too slow for customers who come by %(what)s"),
    "device": _("“%(step)s” is too slow for customers with %(what)s"),
    "language": _("“%(step)s” is too slow for customers whose language is %(what)s"),
    "region": _("“%(step)s” is too slow for customers in %(what)s"),
    "hours": _("“%(step)s” is too slow from %(first)s to %(last)s"),
}
_LOSS = {
    "": _("“%(step)s” loses customers although nothing fails there"),
    "change": _("“%(step)s” loses customers in %(what)s"),
    "component": _("“%(step)s” loses customers at %(what)s"),
    "service": _("“%(step)s” loses customers in the service %(what)s"),
    "channel": _("“%(step)s” loses customers who come by %(what)s"),
    "device": _("“%(step)s” loses customers with %(what)s"),
    "language": _("“%(step)s” loses customers whose language is %(what)s"),
    "region": _("“%(step)s” loses customers in %(what)s"),
    "hours": _("“%(step)s” loses customers from %(first)s to %(last)s"),
}
_LOOP = {
    "": _("Customers have to go through “%(step)s” again and again"),
    "change": _("Customers have to go through “%(step)s” again and again in %(what)s"),
    "component": _("Customers have to go through “%(step)s” again and again at %(what)s"),
    "service": _("Customers have to go through “%(step)s” again and again in the service %(what)s"),
    "channel": _("Customers who come by %(what)s have to go through “%(step)s” again and again"),
    "device": _("Customers with %(what)s have to go through “%(step)s” again and again"),
    "language": _("Customers whose language is %(what)s have to go through “%(step)s” again and again"),
    "region": _("Customers in %(what)s have to go through “%(step)s” again and again"),
    "hours": _("Customers have to go through “%(step)s” again and again from %(first)s to %(last)s"),
}
_WAIT = {
    "": _("“%(step)s” comes later than was promised"),
    "change": _("“%(step)s” comes later than was promised in %(what)s"),
    "component": _("“%(step)s” comes later than was promised at %(what)s"),
    "service": _("“%(step)s” comes later than was promised in the service %(what)s"),
    "channel": _("“%(step)s” comes later than was promised to customers who come by %(what)s"),
    "device": _("“%(step)s” comes later than was promised to customers with %(what)s"),
    "language": _("“%(step)s” comes later than was promised to customers whose language is %(what)s"),
    "region": _("“%(step)s” comes later than was promised to customers in %(what)s"),
    "hours": _("“%(step)s” comes later than was promised from %(first)s to %(last)s"),
}
_MISSING = {
    "silence": _("Nothing comes in since %(day)s: customers do not arrive"),
    "": _("Customers did not arrive at “%(step)s” on %(day)s"),
    "hours": _("Customers did not arrive at “%(step)s” from %(first)s to %(last)s on %(day)s"),
}
_CONTACT = {
    "": _("Customers have to get in touch because of “%(step)s”"),
    "change": _("Customers have to get in touch because of “%(step)s” in %(what)s"),
    "component": _("Customers have to get in touch because of “%(step)s” at %(what)s"),
    "service": _("Customers have to get in touch because of “%(step)s” in the service %(what)s"),
    "channel": _("Customers have to get in touch by %(what)s because of “%(step)s”"),
    "device": _("Customers with %(what)s have to get in touch because of “%(step)s”"),
    "language": _("Customers whose language is %(what)s have to get in touch because of “%(step)s”"),
    "region": _("Customers in %(what)s have to get in touch because of “%(step)s”"),
    "hours": _("Customers have to get in touch because of “%(step)s” from %(first)s to %(last)s"),
}
_DESK = {
    Family.REPEAT: {
        "": _("What “%(desk)s” solved comes back"),
        "topic": _("“%(what)s” comes back although it was solved"),
    },
    Family.HANDOVER: {"teams": _("Tickets go back and forth: %(what)s")},
    Family.SHIFT: {"topic": _("“%(what)s” is work that a lower level can do")},
    Family.EMERGING: {"topic": _("More and more ask about “%(what)s”")},
}
_NO_SHAPE: Mapping[str, Promise] = {}
SENTENCES: dict[Family, Mapping[str, Promise]] = {
    Family.FAULT: _FAULT,
    Family.SLOW: _SLOW,
    Family.LOSS: _LOSS,
    Family.LOOP: _LOOP,
    Family.WAIT: _WAIT,
    Family.MISSING: _MISSING,
    Family.CONTACT: _CONTACT,
    **_DESK,
    **dict.fromkeys(OF_ESTATE, _NO_SHAPE),
}
"""By what the culprit names; "component_hours" names a component in some hours."""

OTHERWISE: dict[Family, Promise] = {
    Family.FAULT: _("“%(step)s” fails where %(name)s is %(what)s"),
    Family.SLOW: _("“%(step)s” is too slow where %(name)s is %(what)s"),
    Family.LOSS: _("“%(step)s” loses customers where %(name)s is %(what)s"),
    Family.LOOP: _("Customers have to go through “%(step)s” again and again where %(name)s is %(what)s"),
    Family.WAIT: _("“%(step)s” comes later than was promised where %(name)s is %(what)s"),
    Family.MISSING: _("Customers did not arrive at “%(step)s” on %(day)s"),
    Family.CONTACT: _("Customers have to get in touch because of “%(step)s” where %(name)s is %(what)s"),
    Family.REPEAT: _("What “%(desk)s” solved comes back"),
    Family.HANDOVER: _("Tickets go back and forth at “%(desk)s”"),
    Family.SHIFT: _("Work of “%(desk)s” that a lower level can do"),
    Family.EMERGING: _("More and more ask “%(desk)s”"),
    Family.SINGLE: _("Customers' steps hang on “%(what)s” alone: nothing stands in for it"),
    Family.EXPOSURE: _("“%(what)s” is weak, and past the day by which to mend it"),
    Family.UNMANAGED: _("On the network and managed by nobody: %(count)s"),
}
"""For culprits of another shape."""

SHIFTS: dict[str, Promise] = {
    "remove": _("“%(what)s” comes since something was not done, or not done right"),
    "self_service": _("“%(what)s” is work that customers could do alone"),
    "tier_1": _("“%(what)s” goes to specialists, though the first line could solve it"),
    "tier_2": _("“%(what)s” goes to the third tier, though the second could solve it"),
}
"""Work that should move, by the level to which."""

GRAVE: dict[str, Promise] = {
    "": _("Grave harm at “%(step)s”"),
    "money": _("Money is taken wrongly at “%(step)s”"),
    "safety": _("Somebody may come to harm at “%(step)s”"),
    "privacy": _("Private data gets to others at “%(step)s”"),
    "shut_out": _("People are shut out at “%(step)s”"),
}
"""By the class of grave harm."""
