"""The people behind a number, and one of their stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.customers.pages import key_in
from towpath.customers.telling import Told, days_of, plainly, said_of, tone_of
from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.measures.choosing import NOTHING, Choice, Detour, State
from towpath.journeys.measures.paths import Over
from towpath.journeys.measures.selection import Selection
from towpath.journeys.pages.asking import Question, asked
from towpath.journeys.pages.framing import Frame, attribute_name, frame_of
from towpath.journeys.pages.paths import over_of
from towpath.journeys.queries.people import PAGE, journey_story, people
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.durations import microseconds
from towpath.journeys.schemas.people import MarkedEvent, Traveller, Travellers

OURS = frozenset({"back_stage", "services", "components"})


@dataclass(frozen=True)
class Row:
    """One of the people: where their story is, where they are on the way, and what became of them."""

    traveller: Traveller
    story: str
    furthest: str
    state: str
    tone: str


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    """The people behind a number of a journey."""
    frame = frame_of(request, key, asked(request))
    over = over_of(request)
    choice, problems = _choice(request)
    question, found = replace(frame.question, problems=(*frame.question.problems, *problems)).answer(
        lambda selection: _ask(request, key, selection, choice, over)
    )
    frame = replace(frame, question=question)
    rows = [_row(frame.names, key, each) for each in found.travellers] if found else []
    context = frame.context(
        found=found, rows=rows, page=_page(found), told=in_words(choice, frame), source=""
    )
    return render(request, "journeys/people.html", context)


@require_GET
def show_source(request: ActorRequest, source: str) -> HttpResponse:
    """The cases behind a number of a source's flow."""
    question = asked(request)
    choice, problems = _choice(request)
    question = replace(question, problems=(*question.problems, *problems))
    question, found = question.answer(lambda s: _ask(request, source, s, choice, "steps"))
    rows = [_row({}, "", each) for each in found.travellers] if found else []
    context = {"source": source, "question": question, "found": found, "rows": rows, "page": _page(found)}
    return render(request, "journeys/people.html", context | {"told": in_words(choice, None)})


@require_GET
def show_story(request: ActorRequest, key: str, entity: str) -> HttpResponse:
    """One customer's or case's way through a journey."""
    frame = frame_of(request, key, Question(Selection(), {}, ()))
    found = journey_story(request.actor, key, key_in(entity))
    definition = frame.definition
    context = frame.context(
        found=found,
        story=found.story,
        days=days_of(_told(each, definition) for each in found.events),
        furthest=frame.names.get(found.furthest or "", ""),
        state=state_word(found.state),
        tone=state_tone(found.state),
        bad=sum(tone_of(each.event, _target(each, definition)) == "bad" for each in found.events),
        left_out=found.story.total - len(found.events),
    )
    return render(request, "journeys/story.html", context)


def _choice(request: ActorRequest) -> tuple[Choice, tuple[str, ...]]:
    """Which number is opened; a state or detour that does not exist is left out and told."""
    asked_for, problems = request.GET, []
    state, detour = asked_for.get("state", ""), asked_for.get("detour", "")
    if state not in get_args(State):
        problems.append(_("There is no state %(state)s.") % {"state": state})
        state = ""
    if detour not in get_args(Detour):
        problems.append(_("There is no detour %(detour)s.") % {"detour": detour})
        detour = ""
    start, end = asked_for.get("edge_from", ""), asked_for.get("edge_to", "")
    choice = Choice(
        step=asked_for.get("step", ""),
        state=state,  # type: ignore[arg-type]  # it is one of them
        segment=asked_for.get("segment", ""),
        outcome=asked_for.get("outcome", ""),
        edge=(start, end) if start and end else None,
        variant=tuple(asked_for.getlist("variant")),
        next=asked_for.get("next", ""),
        detour=detour,  # type: ignore[arg-type]  # it is one of them
        bad=asked_for.get("bad") == "true",
        followed=asked_for.get("followed") == "true",
    )
    return choice, tuple(problems)


def _ask(request: ActorRequest, name: str, selection: Selection, choice: Choice, over: Over) -> Travellers:
    text = request.GET.get("page", "1")
    page = max(1, int(text)) if text.isdecimal() and len(text) < 10 else 1
    found = people(request.actor, name, selection, choice, over=over, offset=(page - 1) * PAGE)
    if found.total and not found.travellers:
        last = (found.total - 1) // PAGE * PAGE
        return people(request.actor, name, selection, choice, over=over, offset=last)
    return found


def _page(found: Travellers | None) -> Page[int] | None:
    return Paginator(range(found.total), PAGE).get_page(found.offset // PAGE + 1) if found else None


def _row(names: Mapping[str, str], key: str, each: Traveller) -> Row:
    """Where there is no journey, the story is the customers area's."""
    place = ("journeys:entity", [key, each.entity]) if key else ("customers:story", [each.entity])
    return Row(
        traveller=each,
        story=reverse(place[0], args=place[1]),
        furthest=names.get(each.furthest or "", each.furthest or ""),
        state=state_word(each.state),
        tone=state_tone(each.state),
    )


def state_word(state: str) -> str:
    words = {
        "converted": _("finished"),
        "open": _("still on the way"),
        "finished_otherwise": _("finished otherwise"),
        "lost": _("lost"),
        "not_entered": _("never entered"),
    }
    return words.get(state, "")


def state_tone(state: str) -> str:
    return {"converted": "good", "lost": "harm", "open": "canal"}.get(state, "")


def in_words(choice: Choice, frame: Frame | None) -> str:
    """Who they are, as the number that was opened says it."""
    names = frame.names if frame else {}
    step = names.get(choice.step, choice.step)
    said = (
        [_state_words(choice.state, "" if choice.bad else step)] if choice.state and not choice.next else []
    )
    if choice.followed:
        said.append(_("entered long enough ago"))
    if choice.next:
        unknown = _("nothing that this map recognises")
        after = unknown if choice.next == NOTHING else names.get(choice.next, choice.next)
        said.append(_("lost at “%(step)s”, then: %(next)s") % {"step": step, "next": after})
    if choice.detour:
        said.append(_detour_words(choice.detour, step))
    if choice.bad:
        said.append(_("had a bad experience at “%(step)s”, journey by journey") % {"step": step})
    if choice.step and not said:
        said.append(_("reached “%(step)s”") % {"step": step})
    if choice.outcome:
        said.append(_("ended with “%(outcome)s”") % {"outcome": names.get(choice.outcome, choice.outcome)})
    if choice.edge:
        start, end = (names.get(each, each) for each in choice.edge)
        said.append(_("went from “%(start)s” to “%(end)s”") % {"start": start, "end": end})
    if choice.variant:
        way = " → ".join(names.get(each, each) for each in choice.variant)
        said.append(_("went exactly this way: %(way)s") % {"way": way})
    if choice.segment and frame:
        by = attribute_name(frame.question.selection.by)
        said.append(f"{by}: {choice.segment}")
    return ", ".join(said)


def _state_words(state: str, step: str) -> str:
    if state == "reached":
        return _("reached “%(step)s”") % {"step": step} if step else _("entered")
    if state == "went_on":
        return _("went on from “%(step)s”") % {"step": step} if step else _("entered")
    if state == "completed":
        return _("completed “%(step)s”") % {"step": step}
    words = state_word(state)
    return _("%(state)s, furthest step “%(step)s”") % {"state": words, "step": step} if step else words


def _detour_words(detour: str, step: str) -> str:
    anywhere = {
        "repeats": _("repeated a step"),
        "backs": _("went back"),
        "hops": _("changed the channel"),
    }
    at = {
        "repeats": _("repeated “%(step)s”"),
        "backs": _("went back to “%(step)s”"),
        "hops": _("changed the channel at “%(step)s”"),
    }
    return at[detour] % {"step": step} if step else anywhere[detour]


def _told(each: MarkedEvent, definition: Definition) -> Told:
    """A marked event: under the name that the map gives it, on the side where the map has it."""
    if not each.names:
        return plainly(each.event)
    target = _target(each, definition)
    lanes = {item.key: item.lane for item in definition.inside}
    inside = [lanes[key] for key in each.activities if key in lanes]
    ours = len(inside) == len(each.activities) and any(lane in OURS for lane in inside)
    tone = tone_of(each.event, target) or ("" if inside else "step")
    said = said_of(each.event, target)
    said = (*_stage_of_work(each), *said) if ours else said
    said += (_("then it is the turn of %(who)s") % {"who": each.turn},) if each.turn else ()
    return Told(each.event, ", ".join(each.names), "ours" if ours else "customer", tone, said)


def _stage_of_work(each: MarkedEvent) -> tuple[str, ...]:
    """How far a work item is, where the log says so (XES, lifecycle extension)."""
    words = {"schedule": _("planned"), "start": _("begun"), "complete": _("done")}
    word = words.get(str(each.event.data.get("lifecycle:transition", "")).lower())
    return (word,) if word else ()


def _target(each: MarkedEvent, definition: Definition) -> float | None:
    targets = [step.target for step in definition.steps if step.key in each.activities and step.target]
    return microseconds(targets[0]) / 1e6 if targets else None
