"""Paths: what follows what, the most frequent ways through, and what lost customers did next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.flowing import Picture, draw_flow
from towpath.journeys.pages.framing import frame_of
from towpath.journeys.queries.conduct import after_loss
from towpath.journeys.queries.paths import Over, flow, variants
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.schemas.paths import Edge, Flow, Variant, Variants

OVERS: tuple[Over, ...] = get_args(Over)
CONNECTIONS = (8, 16, 32, 64)
USUAL_CONNECTIONS = 16
WAYS = (10, 25, 50)
MOST_CHIPS = 14

People = Callable[..., str]


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
    top, connections = _number(request, "top", WAYS), _number(request, "connections", CONNECTIONS)
    question, found = frame.question.answer(lambda s: flow(request.actor, key, s, over))
    question, ways = question.answer(lambda s: variants(request.actor, key, s, top, over))
    question, gone = question.answer(lambda s: after_loss(request.actor, key, s))
    problems = tuple(dict.fromkeys(question.problems))
    frame = replace(frame, question=replace(question, problems=problems))

    def people(**chosen: str | Sequence[str]) -> str:
        return frame.people(**chosen, over="" if over == "steps" else over)

    names = frame.names if over != "types" else {}
    segment = _segment(request, found)
    return render(
        request,
        "journeys/paths.html",
        frame.context(
            empty=found is not None and not found.cases,
            overs=[(value, name, value == over) for value, name in zip(OVERS, _over_names(), strict=True)],
            segment=segment,
            gone=gone,
            **_shown(found, ways, names, people, segment, connections=connections, top=top),
        ),
    )


@require_GET
def show_source(request: ActorRequest, source: str) -> HttpResponse:
    """The paths of a source's cases through its event types, before any journey is drawn."""
    top, connections = _number(request, "top", WAYS), _number(request, "connections", CONNECTIONS)
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
        **_shown(found, ways, {}, people, "", connections=connections, top=top),
    }
    return render(request, "journeys/source_paths.html", context)


def _shown(
    found: Flow | None,
    ways: Variants | None,
    names: dict[str, str],
    people: People,
    segment: str,
    *,
    connections: int,
    top: int,
) -> dict[str, object]:
    """What both pages show of a flow and its variants; of one segment, where one is chosen."""
    edges, cases, all_variants = _of_segment(found, ways, segment)
    of = {"segment": segment}
    drawn = edges[:connections]
    total = sum(edge.count for edge in edges) or 1
    return {
        "found": found,
        "ways": ways,
        "edges": [(edge, names.get(edge.from_, edge.from_), names.get(edge.to, edge.to),
                   _to_edge(people, edge, of)) for edge in edges],
        "drawn": len(drawn),
        "covered": sum(edge.count for edge in drawn) / total,
        "cases": cases,
        "picture": _picture(found, drawn, names, people, of) if found and drawn else "",
        "connections": [(n, n == connections) for n in CONNECTIONS if n < len(edges)]
        + [(len(edges), connections >= len(edges))],
        "variants": _ways(all_variants, cases, names, people, of),
        "tops": [(n, n == top) for n in WAYS],
        "sentence": sentence(edges, all_variants, cases, ways, names),
    }  # fmt: skip


def _of_segment(
    found: Flow | None, ways: Variants | None, segment: str
) -> tuple[Sequence[Edge], int, Sequence[Variant]]:
    flows = {each.segment: (each.edges, each.cases) for each in found.segments} if found else {}
    shown = {each.segment: each.variants for each in ways.segments} if ways else {}
    edges, cases = flows.get(segment, (found.edges, found.cases) if found else ((), 0))
    return edges, cases, shown.get(segment, ways.variants if ways else ())


def sentence(
    edges: Sequence[Edge], shown: Sequence[Variant], cases: int, ways: Variants | None, names: dict[str, str]
) -> str:
    """The most important finding, in words: the usual way, and the slowest frequent connection."""
    said = []
    if shown and ways and cases:
        told = _("%(distinct)s different ways; the most frequent one takes %(share)s of %(cases)s.")
        said.append(
            told
            % {
                "distinct": number(ways.distinct),
                "share": percent(shown[0].count / cases),
                "cases": number(cases),
            }
        )
    often = [edge for edge in edges if edge.median_seconds is not None and edge.count >= 0.1 * max(1, cases)]
    slow = max(often, key=lambda edge: edge.median_seconds or 0.0, default=None)
    if slow and slow.median_seconds:
        told = _("The longest wait on a frequent way is from “%(source)s” to “%(target)s”: median %(time)s.")
        said.append(
            told
            % {
                "source": names.get(slow.from_, slow.from_),
                "target": names.get(slow.to, slow.to),
                "time": duration(slow.median_seconds),
            }
        )
    return " ".join(said)


def _picture(
    found: Flow, drawn: Sequence[Edge], names: dict[str, str], people: People, of: dict[str, str]
) -> SafeString:
    # The map's names stand in the map's order; a source's types have none.
    known = list(names) or sorted({key for edge in found.edges for key in (edge.from_, edge.to)})
    picture = Picture(
        activities=known,
        names=names,
        edges=drawn,
        begins=found.begins if not of["segment"] else {},
        ends=found.ends if not of["segment"] else {},
        ordered=bool(names),
        address=lambda edge: _to_edge(people, edge, of),
    )
    return mark_safe(draw_flow(picture))  # noqa: S308 - every text in it was escaped as it was drawn


def _to_edge(people: People, edge: Edge, of: dict[str, str]) -> str:
    return people(edge_from=edge.from_, edge_to=edge.to, **of)


def _ways(
    shown: Sequence[Variant], cases: int, names: dict[str, str], people: People, of: dict[str, str]
) -> list[Way]:
    made, so_far = [], 0
    for each in shown:
        so_far += each.count
        runs = [(names.get(key, key), len(list(run))) for key, run in groupby(each.steps)]
        made.append(
            Way(
                variant=each,
                chips=runs[:MOST_CHIPS],
                more=max(0, len(runs) - MOST_CHIPS),
                share=each.count / cases if cases else 0.0,
                cumulative=so_far / cases if cases else 0.0,
                people=people(variant=each.steps, **of),
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


def _number(request: ActorRequest, name: str, usual: tuple[int, ...]) -> int:
    """A number of the address, from 1; what is no number is the usual one."""
    text = request.GET.get(name, "")
    if text.isdecimal() and 0 < int(text) <= 1000:
        return int(text)
    return USUAL_CONNECTIONS if name == "connections" else usual[0]
