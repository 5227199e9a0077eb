"""The blueprint as one picture: the customer's side above, ours below, with live figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext as _

from towpath.foundation.ui.drawing import Drawing, text_width, wrap
from towpath.foundation.ui.figures import NOTHING, day, duration, number, percent
from towpath.journeys.pages.placing import Box, place
from towpath.journeys.schemas.blueprint import Blueprint, BlueprintLane, BlueprintStep, TurnShare

Side = Literal["both", "customer", "ours"]
State = Literal["lost", "finished_otherwise", "open"]
Address = Callable[[str, str], str]
"""From a step's key and a state ("" for all who reached it) to where its people are listed."""

MARGIN, COLUMN, GAP = 150.0, 182.0, 10.0
BOX = COLUMN - GAP
SMALL = 11.0
HARM_LOST, WARN_LOST = 0.20, 0.10
HARM_BAD, WARN_BAD = 0.10, 0.05
"""Shares of those who reached a step, and of its attempts, from which the picture turns red or orange."""
KINDS = {"customer": "series-1", "supplier": "series-5", "unknown": "series-6"}
DEPARTMENTS = ("series-2", "series-3", "series-4", "series-5", "series-6")


@dataclass
class Picture:
    """A drawing in progress: the record, where the next row begins, and a colour for every party."""

    shown: Blueprint
    drawing: Drawing
    address: Address
    y: float = 16.0
    colours: dict[str, str] = field(default_factory=dict)

    @property
    def width(self) -> float:
        return MARGIN + COLUMN * len(self.shown.steps) + 10

    def left(self, column: int) -> float:
        return MARGIN + COLUMN * column

    def row_label(self, label: str, note: str = "") -> None:
        lines = wrap(label, MARGIN - 22, 13, lines=3, bold=True)
        for index, line in enumerate(lines):
            self.drawing.text(14, self.y + 24 + 16 * index, line, font_weight=600)
        for index, line in enumerate(wrap(note, MARGIN - 18, SMALL, lines=2)):
            self.drawing.text(
                14, self.y + 26 + 16 * len(lines) + 14 * index - 2, line, size=SMALL, fill="mute"
            )


def draw(shown: Blueprint, address: Address, *, side: Side = "both", standalone: bool = False) -> str:
    """The picture as SVG text. `side` leaves out the other half; `standalone` makes it a file of its own."""
    departments = [turn for turn in shown.turns if turn.kind == "department"]
    colours = {turn.party: KINDS.get(turn.kind, "series-6") for turn in shown.turns}
    colours |= {turn.party: DEPARTMENTS[i % len(DEPARTMENTS)] for i, turn in enumerate(departments)}
    picture = Picture(shown, Drawing(standalone=standalone), address, colours=colours)
    ground = Drawing(standalone=standalone)
    if standalone:
        _title(picture)
    if side != "ours":
        _customer_side(picture)
    border = picture.y
    if side != "customer":
        border = _our_side(picture)
    picture.y += 14
    ground.rect(0, 0, picture.width, picture.y, fill="card")
    ground.rect(0, 0, picture.width, border, fill="canal-soft", opacity=0.55)
    ground.rect(0, border, picture.width, picture.y - border, fill="hover")
    picture.drawing.put_under(ground)
    label = _("Blueprint of %(journey)s") % {"journey": shown.name}
    return picture.drawing.svg(picture.width, picture.y, label)


def _title(picture: Picture) -> None:
    shown = picture.shown
    picture.drawing.text(14, picture.y + 18, shown.name, size=20, font_weight=700)
    at = 26 + text_width(shown.name, 20, bold=True)
    picture.drawing.text(at, picture.y + 18, sentence(shown), size=12, fill="mute")
    picture.y += 36


def sentence(shown: Blueprint) -> str:
    """What the picture says at a glance, in words."""
    parts = [_("version %(number)s") % {"number": shown.version}]
    if shown.as_of:
        parts.append(_("as of %(day)s") % {"day": day(shown.as_of)})
    parts.append(_("%(count)s entered") % {"count": number(shown.entered)})
    if shown.conversion.estimate is not None:
        parts.append(
            _("%(share)s finish within %(window)s (%(low)s to %(high)s)")
            % {
                "share": percent(shown.conversion.estimate),
                "window": duration(shown.window_seconds),
                "low": percent(shown.conversion.low),
                "high": percent(shown.conversion.high),
            }
        )
    return " · ".join(parts)


def tone(step: BlueprintStep) -> str:
    """The colour of a step: red where many are lost or much goes wrong, orange where some."""
    lost = step.lost / step.reached if step.reached else 0.0
    bad = step.bad / step.measured if step.measured else 0.0
    if lost >= HARM_LOST or bad >= HARM_BAD:
        return "harm"
    return "warn" if lost >= WARN_LOST or bad >= WARN_BAD else "canal"


def _customer_side(picture: Picture) -> None:
    _steps(picture)
    _arrivals(picture)
    _endings(picture)
    if any(step.feels_score is not None for step in picture.shown.steps):
        _feelings(picture)
    _met(picture)
    if picture.shown.turns:
        _turns(picture)


def _steps(picture: Picture) -> None:
    picture.row_label(_("Customer"), _("what they do"))
    for column, step in enumerate(picture.shown.steps):
        x, y, draw = picture.left(column), picture.y, picture.drawing
        colour = tone(step)
        told = " — ".join(filter(None, [step.name, step.sees, step.value]))
        draw.rect(
            x, y, BOX, 66, told, id=f"step-{step.key}", rx=10, fill="card",
            stroke="line" if colour == "canal" else colour, stroke_width=2 if colour == "harm" else 1,
        )  # fmt: skip
        star = " ★" if step.moment_of_truth else ""
        lines = wrap(step.name + star, BOX - 22, 13, lines=2, bold=True)
        for index, line in enumerate(lines):
            draw.text(x + 12, y + 22 + 16 * index, line, font_weight=600)
        under = ", ".join(step.channels) or step.touchpoint
        for line in wrap(under, BOX - 22, SMALL, lines=1):
            draw.text(x + 12, y + 24 + 16 * len(lines) + 2, line, size=SMALL, fill="mute")
    picture.y += 84


def _arrivals(picture: Picture) -> None:
    steps = picture.shown.steps
    picture.row_label(_("Arrived, went on"), _("of those who entered"))
    most = max((step.reached for step in steps), default=0) or 1
    floor = picture.y + 100
    heights = [78 * step.reached / most for step in steps]
    for column, step in enumerate(steps):
        x, height, draw = picture.left(column), heights[column], picture.drawing
        after = heights[column + 1] if column + 1 < len(steps) else height
        wide = BOX * 0.62
        colour = tone(step)
        if column + 1 < len(steps):
            start, end = x + wide, x + COLUMN
            edge = f"M{start:g} {floor - height:g} L{end:g} {floor - after:g} V{floor:g} H{start:g}Z"
            draw.add("path", d=edge, fill=colour, opacity=0.18)
        address = picture.address(step.key, "")
        draw.link(
            address, _("%(count)s reached %(step)s") % {"count": number(step.reached), "step": step.name}
        )
        draw.rect(x, floor - height, wide, height, rx=3, fill=colour, opacity=0.88)
        draw.text(x, floor - height - 6, number(step.reached), font_weight=600)
        draw.close_link(address)
        if step.went_on is not None:
            told = f"{percent(step.went_on, 0)} · {duration(step.median_seconds_to_next)}"
            higher = after if text_width(told, SMALL) < BOX - wide - 4 else max(height, after)
            draw.text(x + BOX, floor - higher - 6, told, size=SMALL, fill="mute", text_anchor="end")
    picture.y += 108


def _endings(picture: Picture) -> None:
    """Who left at this step: lost, finished otherwise, still open; each opens the people behind it."""
    words: tuple[tuple[State, str], ...] = (
        ("lost", _("lost")),
        ("finished_otherwise", _("finished otherwise")),
        ("open", _("still open")),
    )
    picture.row_label(_("Ended here"))
    for column, step in enumerate(picture.shown.steps[:-1]):
        line = 0
        for state, word in words:
            count = getattr(step, state)
            if not count:
                continue
            address = picture.address(step.key, state)
            told = f"{number(count)} {word}"
            colour = tone(step) if state == "lost" and tone(step) != "canal" else "mute"
            picture.drawing.link(address, _("%(told)s at %(step)s") % {"told": told, "step": step.name})
            picture.drawing.text(
                picture.left(column), picture.y + 20 + 15 * line, told, size=12, fill=colour,
                font_weight=600 if state == "lost" else 400,
            )  # fmt: skip
            picture.drawing.close_link(address)
            line += 1
    picture.y += 62


def _feelings(picture: Picture) -> None:
    picture.row_label(_("Feels"), _("by the map's authors"))
    middle = picture.y + 40
    points = [
        (picture.left(column) + BOX / 2, middle - 13 * step.feels_score, step)
        for column, step in enumerate(picture.shown.steps)
        if step.feels_score is not None
    ]
    path = " L".join(f"{x:g} {y:g}" for x, y, _step in points)
    picture.drawing.add("path", d=f"M{path}", fill="none", stroke="ink", stroke_width=2)
    for x, y, step in points:
        score = step.feels_score or 0
        colour = "harm" if score < -1 else "warn" if score < 0 else "canal"
        picture.drawing.add("circle", cx=x, cy=y, r=5, fill=colour, stroke="card", stroke_width=2)
        below = y + 20 if score < 0 else y - 10
        picture.drawing.text(x, below, step.feels_word, size=SMALL, fill="mute", text_anchor="middle")
    picture.y += 88


def _met(picture: Picture) -> None:
    """What customers met: median latency, and the share of attempts that were slow or failed."""
    steps = picture.shown.steps
    picture.row_label(_("Met"), _("median, slow or failed"))
    if not any(step.measured or step.median_latency_ms is not None for step in steps):
        told = _("Not measurable yet: the events bring no outcome and no latency for these steps.")
        picture.drawing.text(MARGIN, picture.y + 28, told, size=12, fill="mute")
        picture.y += 56
        return
    for column, step in enumerate(steps):
        x, y, draw = picture.left(column), picture.y, picture.drawing
        latency = NOTHING if step.median_latency_ms is None else duration(step.median_latency_ms / 1000)
        draw.text(x, y + 26, latency, size=12)
        start, wide = x + 56, BOX - 60
        if not step.measured:
            draw.text(start, y + 26, _("not measurable yet"), size=SMALL, fill="mute")
            continue
        share = step.bad / step.measured
        colour = "harm" if share >= HARM_BAD else "warn" if share >= WARN_BAD else "canal"
        told = _("%(bad)s of %(measured)s attempts slow or failed") % {
            "bad": number(step.bad),
            "measured": number(step.measured),
        }
        draw.rect(start, y + 16, wide, 10, told, rx=5, fill="line")
        draw.rect(start, y + 16, max(wide * share, 4.0 if step.bad else 0.0), 10, rx=5, fill=colour)
        draw.text(start, y + 42, percent(share, 0), size=SMALL, fill="mute")
    picture.y += 60


def _turns(picture: Picture) -> None:
    """Whose turn it was while a step was the furthest reached; the legend has the shares over all steps."""
    picture.row_label(_("Whose turn"), _("share of the time"))
    for column, step in enumerate(picture.shown.steps):
        total = sum(turn.seconds for turn in step.turns)
        x = picture.left(column)
        for turn in step.turns if total else ():
            wide = BOX * turn.seconds / total
            told = f"{turn.name}: {percent(turn.seconds / total, 0)}, {duration(turn.seconds)}"
            picture.drawing.rect(
                x, picture.y + 14, wide, 14, told, fill=picture.colours.get(turn.party, "series-6")
            )
            x += wide
    _legend(picture, [turn for turn in picture.shown.turns if turn.seconds], picture.y + 48)
    picture.y += 62


def _legend(picture: Picture, turns: Sequence[TurnShare], y: float) -> None:
    x = MARGIN
    for turn in turns:
        told = f"{turn.name} {percent(turn.share, 0)}"
        picture.drawing.rect(x, y - 9, 10, 10, rx=3, fill=picture.colours.get(turn.party, "series-6"))
        picture.drawing.text(x + 15, y, told, size=12)
        x += 34 + text_width(told, 12)


def _line(picture: Picture, name: str) -> None:
    right = picture.width - 14
    picture.drawing.add(
        "line", x1=0, x2=picture.width, y1=picture.y, y2=picture.y, stroke="canal", stroke_dasharray="6 4"
    )
    picture.drawing.text(right, picture.y - 6, name, size=SMALL, fill="canal", text_anchor="end")


def _our_side(picture: Picture) -> float:
    """The inside lanes; returns where the visible part ends."""
    lanes = picture.shown.lanes
    picture.y += 12
    _line(picture, _("line of interaction"))
    _lanes(picture, [lane for lane in lanes if lane.lane == "front_stage"])
    picture.y += 12
    _line(picture, _("line of visibility: above, what the customer sees"))
    border = picture.y
    _lanes(picture, [lane for lane in lanes if lane.lane == "back_stage"])
    if support := [lane for lane in lanes if lane.lane in {"services", "components"}]:
        picture.y += 12
        _line(picture, _("line of internal interaction"))
        _lanes(picture, support)
    return border


def _lanes(picture: Picture, lanes: Sequence[BlueprintLane]) -> None:
    for lane in lanes:
        boxes, depth = place(lane.items, [step.key for step in picture.shown.steps])
        picture.y += 10
        picture.row_label(lane.name)
        for box in boxes:
            _item(picture, box, picture.colours.get(lane.department))
        picture.y += max(depth, 1) * 54
    picture.y += 6 if lanes else 24


def _item(picture: Picture, box: Box, colour: str | None) -> None:
    x, y = picture.left(box.first), picture.y + 54 * box.row + 2
    wide = COLUMN * (box.last - box.first + 1) - GAP
    draw = picture.drawing
    draw.rect(x, y, wide, 46, box.item.name, rx=8, fill="card", stroke="line")
    if colour:
        draw.rect(x, y + 8, 4, 30, rx=2, fill=colour)
    for line in wrap(box.item.name, wide - 22, 12, lines=1):
        draw.text(x + 12, y + 20, line, size=12)
    if box.item.entities is not None:
        told = _("%(entities)s met it, %(events)s events") % {
            "entities": number(box.item.entities),
            "events": number(box.item.events),
        }
        for line in wrap(told, wide - 22, SMALL, lines=1):
            draw.text(x + 12, y + 36, line, size=SMALL, fill="mute")
