"""Paths: what follows what, the most frequent ways through, and what lost customers did next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import get_args

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import duration, number, percent
from towpath.foundation.ui.layers import in_order
from towpath.journeys.measures.paths import Over
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.flowing import Picture, draw_flow
from towpath.journeys.pages.framing import Frame, frame_of
from towpath.journeys.queries.conduct import after_loss
from towpath.journeys.queries.paths import flow, variants
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.schemas.paths import Edge, Flow, Variant, Variants

OVERS: tuple[Over, ...] = get_args(Over)
CONNECTIONS = (8, 16, 32, 64)
USUAL_CONNECTIONS = 16
WAYS = (10, 25, 50)
MOST_CHIPS = 14
MOST_SHOWN = 5_000
FREQUENT = 0.1
"""A connection is frequent that is taken as often as a tenth of the cases."""

People = Callable[..., str]


@dataclass(frozen=True)
class View:
    """How a flow is looked at. `names` and `order` of activities as the map has them, none for event types;
    `segment`: the one that is shown, "" for all."""

    names: dict[str, str]
    order: tuple[str, ...]
    inside: frozenset[str]
    people: People
    segment: str
    connections: int
    top: int

    def name(self, key: str) -> str:
        return self.names.get(key, key)

    def to_edge(self, edge: Edge) -> str:
        return self.people(edge_from=edge.from_, edge_to=edge.to, segment=self.segment)


@dataclass(frozen=True)
class Way:
    """A variant: activities by name with how often in a row, `more` of them left out; shares of all cases."""

    variant: Variant
    chips: list[tuple[str, int]]
    more: int
    share: float
    cumulative: float
    people: str


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    """The paths of a journey."""
    frame = frame_of(request, key, asked(request))
    over = over_of(request)
    question, found = frame.question.answer(lambda s: flow(request.actor, key, s, over))
    top = _number(request, "top", WAYS[0])
    question, ways = question.answer(lambda s: variants(request.actor, key, s, top, over))
    question, gone = question.answer(lambda s: after_loss(request.actor, key, replace(s, by="")))
    problems = tuple(dict.fromkeys(question.problems))
    frame = replace(frame, question=replace(question, problems=problems))
    view = _view(request, frame, over, found)
    context = frame.context(
        empty=found is not None and not found.cases,
        overs=[(value, name, value == over) for value, name in zip(OVERS, _over_names(), strict=True)],
        segment=view.segment,
        gone=gone,
        **_shown(found, ways, view),
    )
    return render(request, "journeys/paths.html", context)


def _view(request: ActorRequest, frame: Frame, over: Over, found: Flow | None) -> View:
    def people(**chosen: str | Sequence[str]) -> str:
        return frame.people(**chosen, over="" if over == "steps" else over)

    body = frame.definition
    return View(
        names=frame.names if over != "types" else {},
        order=tuple(frame.names) if over == "steps" else (),
        inside=frozenset(item.key for item in body.inside) if over == "inside" else frozenset(),
        people=people,
        segment=_segment(request, found),
        connections=_number(request, "connections", USUAL_CONNECTIONS),
        top=_number(request, "top", WAYS[0]),
    )


@require_GET
def show_source(request: ActorRequest, source: str) -> HttpResponse:
    """The paths of a source's cases through its event types, before any journey is drawn."""
    top, connections = _number(request, "top", WAYS[0]), _number(request, "connections", USUAL_CONNECTIONS)
    question = asked(request)
    question, found = question.answer(lambda s: flow(request.actor, source, s))
    question, ways = question.answer(lambda s: variants(request.actor, source, s, top))
    address = reverse("journeys:source-entities", args=[source])

    def people(**chosen: str | Sequence[str]) -> str:
        return question.to(address, **chosen)

    context = {
        "source": source,
        "question": question,
        "may_write": request.actor.may(WRITE_JOURNEYS),
        "empty": found is not None and not found.cases,
        **_shown(found, ways, View({}, (), frozenset(), people, "", connections, top)),
    }
    return render(request, "journeys/source_paths.html", context)


def _shown(found: Flow | None, ways: Variants | None, view: View) -> dict[str, object]:
    """What both pages show of a flow and its variants; of one segment, where one is chosen."""
    edges, cases, shown = _of_segment(found, ways, view.segment)
    drawn = connected(edges, view.connections, found.begins if found else {}, found.ends if found else {})
    total = sum(edge.count for edge in edges) or 1
    steps = [(n, n == view.connections) for n in CONNECTIONS if n < len(edges)]
    return {
        "found": found,
        "ways": ways,
        "edges": [(edge, view.name(edge.from_), view.name(edge.to), view.to_edge(edge)) for edge in edges],
        "drawn": len(drawn),
        "shaded": bool(view.inside),
        "covered": sum(edge.count for edge in drawn) / total,
        "cases": cases,
        "picture": _picture(found, edges, drawn, view) if found and drawn else "",
        "connections": [*steps, (len(edges), view.connections >= len(edges))],
        "variants": _ways(shown, cases, view),
        "tops": [(n, n == view.top) for n in WAYS],
        "sentence": sentence(edges, shown, cases, ways.distinct if ways else 0, view),
    }


def _of_segment(
    found: Flow | None, ways: Variants | None, segment: str
) -> tuple[Sequence[Edge], int, Sequence[Variant]]:
    flows = {each.segment: (each.edges, each.cases) for each in found.segments} if found else {}
    shown = {each.segment: each.variants for each in ways.segments} if ways else {}
    edges, cases = flows.get(segment, (found.edges, found.cases) if found else ((), 0))
    return edges, cases, shown.get(segment, ways.variants if ways else ())


def sentence(edges: Sequence[Edge], shown: Sequence[Variant], cases: int, distinct: int, view: View) -> str:
    """The most important finding, in words: the usual way, and the slowest frequent connection."""
    said = []
    if shown and cases and not view.segment:
        told = _("%(distinct)s different ways; the most frequent one takes %(share)s of %(cases)s.")
        share = percent(shown[0].count / cases)
        said.append(told % {"distinct": number(distinct), "share": share, "cases": number(cases)})
    often = [edge for edge in edges if edge.median_seconds and edge.count >= FREQUENT * max(1, cases)]
    slow = max(often, key=lambda edge: edge.median_seconds or 0.0, default=None)
    if slow:
        told = _("The longest wait on a frequent way is from “%(source)s” to “%(target)s”: median %(time)s.")
        ends = {"source": view.name(slow.from_), "target": view.name(slow.to)}
        said.append(told % {**ends, "time": duration(slow.median_seconds)})
    return " ".join(said)


def connected(
    edges: Sequence[Edge], count: int, begins: Mapping[str, int], ends: Mapping[str, int]
) -> list[Edge]:
    """The most frequent edges, and what else it takes for each activity to show where most came from and
    went to, unless more ways begin or end there."""
    drawn = list(edges[:count])
    for edge in edges[count:]:  # the most frequent first
        if edge.from_ == edge.to:
            continue
        shown = {key for each in drawn for key in (each.from_, each.to)}
        come = {each.to for each in drawn if each.from_ != each.to}
        left = {each.from_ for each in drawn if each.from_ != each.to}
        comes = edge.to in shown - come and begins.get(edge.to, 0) < edge.count
        leaves = edge.from_ in shown - left and ends.get(edge.from_, 0) < edge.count
        if comes or leaves:
            drawn.append(edge)
    return drawn


def _picture(found: Flow, edges: Sequence[Edge], drawn: Sequence[Edge], view: View) -> SafeString:
    begins = {} if view.segment else found.begins
    visits = dict(begins)
    for edge in edges:
        visits[edge.to] = visits.get(edge.to, 0) + edge.count
    known = sorted({key for edge in edges for key in (edge.from_, edge.to)})
    heavy = {(edge.from_, edge.to): float(edge.count) for edge in edges}
    picture = Picture(
        activities=view.order or in_order(known, heavy, begins),
        names=view.names,
        edges=drawn,
        visits=visits,
        ends={} if view.segment else found.ends,
        inside=view.inside,
        address=view.to_edge,
    )
    return mark_safe(draw_flow(picture))  # noqa: S308 - every text in it was escaped as it was drawn


def _ways(shown: Sequence[Variant], cases: int, view: View) -> list[Way]:
    made, so_far = [], 0
    for each in shown:
        so_far += each.count
        runs = [(view.name(key), len(list(run))) for key, run in groupby(each.steps)]
        made.append(
            Way(
                variant=each,
                chips=runs[:MOST_CHIPS],
                more=max(0, len(runs) - MOST_CHIPS),
                share=each.count / cases if cases else 0.0,
                cumulative=so_far / cases if cases else 0.0,
                people=view.people(variant=each.steps, segment=view.segment),
            )
        )
    return made


def over_of(request: ActorRequest) -> Over:
    named = request.GET.get("over", "steps")
    return next((over for over in OVERS if over == named), "steps")


def _over_names() -> tuple[str, ...]:
    return _("Steps and outcomes"), _("With the inside"), _("All event types")


def _segment(request: ActorRequest, found: Flow | None) -> str:
    named = request.GET.get("segment", "")
    return named if found and named in {each.segment for each in found.segments} else ""


def _number(request: ActorRequest, name: str, usual: int) -> int:
    """A number of the address, from 1; what is no number is the usual one."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and 0 < int(text) <= MOST_SHOWN else usual
