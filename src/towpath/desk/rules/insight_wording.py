"""A sentence for each insight, what it means for customers, and what a file cannot tell, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SENTENCES = {
    "comes_back": gettext_lazy("%(share)s of what was solved came back within %(days)s days"),
    "green_but_red": gettext_lazy("%(share)s of the tickets that met their SLA came back all the same"),
    "loops": gettext_lazy("%(share)s of the tickets went back to a team that they had left"),
    "handed_on": gettext_lazy("%(share)s of the tickets were handed from one team to another"),
    "waits": gettext_lazy("%(share)s of the tickets waited longer than anybody worked on them"),
    "late": gettext_lazy("%(share)s of the tickets missed their SLA"),
    "one_way": gettext_lazy("%(share)s of the tickets are short, alike and solved one way"),
    "stuck": gettext_lazy("%(share)s of the open tickets are older than %(old)s days"),
}
MEANS = {
    "comes_back": gettext_lazy(
        "Reopened, or the same customer came with the same topic again. To them it was not solved."
    ),
    "green_but_red": gettext_lazy("Green outside, red inside: the clock was kept, the need was not met."),
    "loops": gettext_lazy("Each of two teams was sure that it is the other’s. Agree who has what, once."),
    "handed_on": gettext_lazy(
        "Each hand-over is a queue more. The team where most begin shows who could learn it."
    ),
    "waits": gettext_lazy("What customers feel as slow is mostly waiting, not work."),
    "late": gettext_lazy("A promise was broken to these customers."),
    "one_way": gettext_lazy(
        "Candidates to remove or to move nearer to the customer; first ask why they come at all."
    ),
    "stuck": gettext_lazy("Nobody will close them by themselves: solve, refuse with a reason, or plan them."),
}
WAITS = {
    "new": gettext_lazy("to be looked at first"),
    "queued": gettext_lazy("in a team’s queue"),
    "waiting_customer": gettext_lazy("for the customer"),
    "waiting_supplier": gettext_lazy("for a supplier"),
    "waiting": gettext_lazy("on hold, for something else"),
}


def sentence(kind: str, share: str, days: int, old: int) -> str:
    """The insight in one sentence, in the reader's language."""
    return str(SENTENCES[kind]) % {"share": share, "days": days, "old": old}


def lacking(given: dict[str, bool]) -> tuple[str, ...]:
    """What cannot be known, and what would tell it: a sentence for each thing that is not `given`."""
    told = {
        "tiers": _("No tier is named: cost by tier, escalation and what tier 1 solves are not known."),
        "team": _("No team is named: hand-overs and loops cannot be seen."),
        "customer": _("No customer is named: the same need that comes again as a new ticket cannot be seen."),
        "topic": _("No category or product is named: what the tickets are about is not known."),
        "sla": _("The file does not say which tickets met their SLA."),
        "working": _("No state says that somebody works on it: waiting and work cannot be told apart."),
        "solution": _("No column says how a ticket was solved: whether always the same way is not known."),
        "resolved": _("No state says that a ticket is solved: what came back cannot be seen."),
    }  # fmt: skip
    return tuple(text for name, text in told.items() if not given[name])
