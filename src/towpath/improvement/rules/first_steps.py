"""What to do first about a trouble, and the cheapest level at which it can be mended, as codes.

- `roll_back`: take the change back, or hold it from those who do not have it yet.
- `mend_component`: the component that fails is mended where it is made.
- `speed_up_component`: the component that is slow is made faster.
- `add_capacity_in_hours`: it is slow in some hours only: more room in these.
- `mend_for_group`: it goes wrong for one channel, device, language or region: try the step as they do.
- `change_step`: nothing fails, and yet people leave: the step itself asks too much.
- `explain_step`: people try again or change the channel: say on the spot what is wanted.
- `keep_promise`: keep the time that was promised, or promise another.
- `restore_service`: nobody came in: find out what was down, and make it come back by itself.
- `refund_and_stop`: give the money back, and stop what takes it.
- `stop_and_make_good`: grave harm: stop what does it before anything else.
- `answer_contacts`: answer what people ask about at the first contact, or before they ask.
- `solve_for_good`: what was solved comes back: look at some, and mend what brings them back.
- `agree_who`: two teams send tickets back and forth: agree whose they are, and write it down.
- `shift_work`: let a lower level do it, once it has what it needs.
- `end_demand`: contacts that come since something was not done: do that, and they end.
- `look_at_topic`: more of a topic than usual: look at its newest tickets.
- `give_stand_in`: much hangs on one thing: give it a stand-in, or write down what to do when it fails.
- `mend_library`: a weak library is late: bring it to a version that is not, or say why it cannot hurt.
- `find_owner`: things that nobody looks after: find out whose they are, or take them off the network.
- `look_at_step`: nothing tells the bad ones from the others: look at some of them.
"""

from __future__ import annotations

from typing import Literal

from towpath.improvement.rules.causes import Family

FirstStep = Literal[
    "roll_back", "mend_component", "speed_up_component", "add_capacity_in_hours", "mend_for_group",
    "change_step", "explain_step", "keep_promise", "restore_service", "refund_and_stop",
    "stop_and_make_good", "answer_contacts", "look_at_step", "solve_for_good", "agree_who", "shift_work",
    "end_demand", "look_at_topic", "give_stand_in", "mend_library", "find_owner",
]  # fmt: skip
Level = Literal["remove_cause", "self_service", "tier_1", "tier_2", "tier_3"]
"""Where a trouble can be mended, the cheapest first."""

_BY_FAMILY: dict[Family, FirstStep] = {
    Family.LOSS: "change_step",
    Family.LOOP: "explain_step",
    Family.WAIT: "keep_promise",
    Family.MISSING: "restore_service",
    Family.CONTACT: "answer_contacts",
}


def first_step(
    family: Family, *, change: str, component: str, hours: bool, group: bool, grave: str = ""
) -> FirstStep:
    """`group`: the description names a channel, device, language or region. `grave`: class of grave harm."""
    if family is Family.GRAVE:
        return "refund_and_stop" if grave == "money" else "stop_and_make_good"
    if change:
        return "roll_back"
    if family in _BY_FAMILY:
        return _BY_FAMILY[family]
    if family is Family.SLOW and hours:
        return "add_capacity_in_hours"
    if component:
        return "speed_up_component" if family is Family.SLOW else "mend_component"
    return "mend_for_group" if group else "look_at_step"


def level(family: Family) -> Level:
    """First choice is always to remove the cause; what only needs a word can be said where people are."""
    return "self_service" if family in (Family.LOOP, Family.CONTACT) else "remove_cause"
