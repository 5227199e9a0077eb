"""Findings in plain sentences: whole ones with places for names, so that each language can say it its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from towpath.foundation.ui.figures import day, number
from towpath.improvement.rules.causes import SILENCE, Family
from towpath.improvement.rules.sentences import GRAVE, OTHERWISE, SENTENCES, SHIFTS


class Place(Protocol):
    """What is needed of `schemas.findings.Where`."""

    @property
    def step_name(self) -> str: ...
    @property
    def component(self) -> str: ...
    @property
    def change(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def hours(self) -> tuple[int, int] | None: ...
    @property
    def desk(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def item(self) -> str: ...


class Sign(Protocol):
    """What is needed of `schemas.findings.Signal`."""

    @property
    def detector(self) -> str: ...
    @property
    def note(self) -> str: ...


class AtDesk(Protocol):
    """What is needed of `schemas.findings.DeskEvidence`."""

    @property
    def to(self) -> str: ...


class OfEstate(Protocol):
    """What is needed of `schemas.findings.EstateEvidence`."""

    @property
    def count(self) -> int: ...


class Since(Protocol):
    """What is needed of `schemas.findings.Onset`."""

    @property
    def day(self) -> date: ...


class Found(Protocol):
    """What is needed of `schemas.findings.Detected`."""

    @property
    def family(self) -> str: ...
    @property
    def culprit(self) -> str: ...
    @property
    def where(self) -> Place: ...
    @property
    def since(self) -> Since | None: ...
    @property
    def signals(self) -> tuple[Sign, ...]: ...
    @property
    def first_step(self) -> str: ...
    @property
    def desk(self) -> AtDesk | None: ...
    @property
    def estate(self) -> OfEstate | None: ...


class Companion(Protocol):
    """What is needed of `schemas.findings.Together`."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...


def sentence_of(found: Found) -> str:
    """What goes wrong, where, and for whom: "“Pay by card” fails in app 4.12.0"."""
    family = Family(found.family)
    shape, _equals, what = found.culprit.partition("=")
    where = found.where
    told = {"step": where.step_name, "what": what, "name": shape, "desk": where.desk, **_times(found)}
    told["count"] = number(found.estate.count if found.estate else 0)
    if family is Family.SHIFT and found.desk is not None and found.desk.to in SHIFTS:
        return str(SHIFTS[found.desk.to]) % told
    if family is Family.GRAVE:
        return str(GRAVE.get(_grave_kind(found), GRAVE[""])) % told
    return str(_sentence(family, _shape(found, shape))) % told


def _shape(found: Found, named: str) -> str:
    if found.family == Family.MISSING:
        return "hours" if found.where.hours else named if named == SILENCE else ""
    if named == "component" and found.where.hours and found.family in (Family.FAULT, Family.SLOW):
        return "component_hours"
    if named == "hours" and not found.where.hours:
        return ""
    return named


def _sentence(family: Family, shape: str) -> str | Promise:
    known: Mapping[str, str | Promise] = SENTENCES[family]
    return known[shape] if shape in known else OTHERWISE[family]


def _times(found: Found) -> dict[str, str]:
    first, last = found.where.hours or (0, 24)
    known = found.since.day if found.since else None
    return {"first": f"{first:02d}:00", "last": f"{last:02d}:00", "day": day(known)}


def _grave_kind(found: Found) -> str:
    return next((sign.note for sign in found.signals if sign.detector == "grave_event"), "")


def together_in_words(one: Companion) -> str:
    """Never more than "together with"."""
    told = {
        "release": _("together with release %(name)s"),
        "component": _("together with others at %(name)s"),
        "finding": _("together with “%(name)s”"),
        "item": _("together with “%(name)s”, which nothing stands in for"),
        "exposure": _("together with the weak “%(name)s”"),
        "topic": _("together with tickets about “%(name)s”"),
    }
    return told[one.kind] % {"name": one.name}


def cause_in_words(cause: str | None) -> str:
    """The cause where the design supports one, else that we cannot tell."""
    if cause is None:
        return _("Cannot tell: what was seen together need not be the cause.")
    return cause


def level_in_words(level: str) -> str:
    """The cheapest level at which the trouble can be mended."""
    told = {
        "remove_cause": _("Remove the cause, then nobody needs help"),
        "self_service": _("Customers can settle it alone, when it is explained on the spot"),
        "tier_1": _("The first person whom customers reach can settle it"),
        "tier_2": _("Specialists have to settle it"),
        "tier_3": _("Those who build it have to settle it"),
    }
    return told.get(level, level)


def first_step_in_words(found: Found) -> str:
    """What to do first."""
    where = found.where
    told = {
        "roll_back": _("Take %(change)s back, or hold it from those who do not have it yet"),
        "mend_component": _("Mend %(component)s"),
        "speed_up_component": _("Make %(component)s faster"),
        "add_capacity_in_hours": _("Give %(component)s more room from %(first)s to %(last)s"),
        "mend_for_group": _("Go through “%(step)s” as these customers do, and mend what stops them"),
        "change_step": _("Ask less of these customers at “%(step)s”: nothing fails, and yet they leave"),
        "explain_step": _("Say at “%(step)s” what is wanted, so that nobody has to try again"),
        "keep_promise": _("Keep the time that was promised for “%(step)s”, or promise another"),
        "restore_service": _("Find out what was down, and make it come back by itself"),
        "refund_and_stop": _("Give the money back, and stop what takes it"),
        "stop_and_make_good": _("Stop what does this before anything else, and make it good"),
        "answer_contacts": _("Answer what people ask about “%(step)s” at the first contact, or before"),
        "solve_for_good": _("Look at some that came back, and mend what brings them back"),
        "agree_who": _("Let both teams agree whose these tickets are, and write it down"),
        "shift_work": _("Give the lower level what it needs, then let it do “%(topic)s”"),
        "end_demand": _("Find out what was not done, and do it: then nobody has to ask about “%(topic)s”"),
        "look_at_topic": _("Look at the newest tickets about “%(topic)s”"),
        "give_stand_in": _("Give “%(item)s” a stand-in, or write down what to do when it fails"),
        "mend_library": _("Bring “%(item)s” to a version that is not weak, or say why it cannot hurt"),
        "find_owner": _("Find out whose these are, or take them off the network"),
        "look_at_step": _("Look at some of these days: nothing tells them from the others yet"),
    }
    names = {
        "change": where.change or _("the release"),
        "component": where.component or where.service or _("what carries this step"),
        "step": where.step_name,
        "topic": where.topic or where.desk,
        "item": where.item,
        **_times(found),
    }
    return told.get(found.first_step, told["look_at_step"]) % names


def signal_in_words(sign: Sign) -> str:
    """What one detector saw."""
    told = {
        "more_than_before": _("More than in the weeks before"),
        "more_than_long_before": _("More than long before"),
        "more_than_elsewhere": _("More than for the others at this step"),
        "more_than_tolerated": _("More than what is tolerated, and lasting"),
        "today": _("More today than on the days before"),
        "fewer_than_expected": _("Fewer customers than would have come"),
        "grave_event": _("An event that is grave harm by itself"),
        "desk_repeats": _("Solved, and came back"),
        "desk_loops": _("From one team to the other and back"),
        "desk_shift": _("Work that another level can do"),
        "desk_emerging": _("More tickets than the topic's own past lets one expect"),
    }
    return told.get(sign.detector) or sign.detector.replace("_", " ").capitalize()


def family_in_words(family: str) -> str:
    """The kind of trouble, in a word or two."""
    told = {
        Family.FAULT: _("Faults"),
        Family.SLOW: _("Too slow"),
        Family.LOSS: _("Loses customers"),
        Family.LOOP: _("Again and again"),
        Family.WAIT: _("Broken promises"),
        Family.MISSING: _("Customers who did not arrive"),
        Family.GRAVE: _("Grave harm"),
        Family.CONTACT: _("Had to get in touch"),
        Family.REPEAT: _("Comes back"),
        Family.HANDOVER: _("Back and forth"),
        Family.SHIFT: _("At the wrong level"),
        Family.EMERGING: _("More and more"),
        Family.SINGLE: _("Nothing stands in"),
        Family.EXPOSURE: _("Weak and late"),
        Family.UNMANAGED: _("Managed by nobody"),
    }
    return told[Family(family)] if family in told else family
