"""What cannot be measured yet, in words, and where one goes to change it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from towpath.improvement.schemas.days import Days
from towpath.visibility.schemas.home import Lack


def lacks(days: Days) -> tuple[Lack, ...]:
    """One entry for each kind of data that no event of these weeks brings; steps without a target are one,
    too."""
    found = [_lack(what) for what in days.lacking]
    if days.attempts and days.with_target < 1 and "latency" not in days.lacking:
        found.append(_lack("target"))
    return tuple(found)


def _lack(what: str) -> Lack:
    """A kind that has no words yet is named as it is, rather than left out."""
    if what == "outcome":
        return Lack(
            what,
            _("Faults are not measurable yet: no event says how an attempt ended."),
            _("Connect a source that tells the outcome"),
            reverse("events:sources"),
        )
    if what == "latency":
        return Lack(
            what,
            _("Slow steps are not measurable yet: no event says how long a customer waited."),
            _("Connect a source that tells the latency"),
            reverse("events:sources"),
        )
    if what == "contact":
        return Lack(
            what,
            _("Contacts are not measurable yet: no event says when a customer had to get in touch."),
            _("Connect the desk or the phone system"),
            reverse("events:sources"),
        )
    if what == "target":
        return Lack(
            what,
            _("Some steps have no target: nothing there counts as too slow."),
            _("Set the targets in the journeys"),
            reverse("journeys:list"),
        )
    said = _("Not measurable yet: %(what)s.") % {"what": what}
    return Lack(what, said, _("See the sources of events"), reverse("events:sources"))
