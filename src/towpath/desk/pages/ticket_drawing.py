"""A ticket's way as SVG: a lane for each team, a bar for each stay, coloured by what it stood for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from django.utils.translation import gettext as _

from towpath.desk.rules.state_wording import STATE_WORDS
from towpath.desk.schemas.tickets import Stay
from towpath.foundation.ui.drawing import wrap
from towpath.foundation.ui.figures import duration

WIDTH, LANE, TOP, NAMES, BAR, RIGHT = 820, 38, 26, 170, 16, 14
MOST_LANES = 12
COLOURS = {
    "working": "var(--good)",
    "new": "var(--muted)",
    "queued": "var(--muted)",
    "waiting_customer": "var(--warn)",
    "waiting_supplier": "var(--warn)",
    "waiting": "var(--warn)",
}
OTHER = "var(--line)"


def draw(stays: Sequence[Stay]) -> str:
    """The picture. Its width is the time from the first movement to the last, or to now while it is open."""
    lanes = list(dict.fromkeys(stay.team for stay in stays))[:MOST_LANES]
    begin = stays[0].begin.timestamp()
    end = max(stay.begin.timestamp() + stay.seconds for stay in stays)
    scale = (WIDTH - NAMES - RIGHT) / max(end - begin, 1.0)
    height = TOP + LANE * len(lanes) + 8
    names = "".join(_name(team, TOP + LANE * place) for place, team in enumerate(lanes))
    shown = [stay for stay in stays if stay.team in lanes]
    bars = "".join(
        _bar(stay, NAMES + (stay.begin.timestamp() - begin) * scale, stay.seconds * scale, lanes)
        for stay in shown
    )
    ways = "".join(
        _way(after, NAMES + (after.begin.timestamp() - begin) * scale, lanes.index(before.team), lanes)
        for before, after in pairwise(shown)
        if before.team != after.team
    )
    told = escape(_("Who had the ticket, how long, and what it waited for; the table below says the same"))
    span = escape(_("%(time)s from the first movement to the last") % {"time": duration(end - begin)})
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{told}" width="100%" font-size="13">'
        f'<text x="{NAMES}" y="14" fill="var(--muted)">{span}</text>{names}{ways}{bars}</svg>'
    )


def _name(team: str, y: float) -> str:
    (line,) = wrap(team or _("no team"), NAMES - 16, 13, lines=1)
    return (
        f'<text x="0" y="{y + 17}" fill="var(--ink)">{escape(line)}<title>{escape(team)}</title></text>'
        f'<line x1="{NAMES}" x2="{WIDTH - RIGHT}" y1="{y + 13}" y2="{y + 13}" stroke="var(--line)"/>'
    )


def _bar(stay: Stay, x: float, width: float, lanes: Sequence[str]) -> str:
    y = TOP + LANE * lanes.index(stay.team) + 13 - BAR / 2
    told = f"{stay.team}: {STATE_WORDS[stay.state]}, {duration(stay.seconds)}"
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 3):.1f}" height="{BAR}" rx="3" '
        f'fill="{COLOURS.get(stay.state, OTHER)}"><title>{escape(told)}</title></rect>'
    )


def _way(after: Stay, x: float, lane: int, lanes: Sequence[str]) -> str:
    """From the team that gave it away to the one that got it."""
    low, high = (TOP + LANE * each + 13 for each in (lane, lanes.index(after.team)))
    place = f'x1="{x:.1f}" x2="{x:.1f}" y1="{low}" y2="{high}"'
    return f'<line {place} stroke="var(--muted)" stroke-dasharray="3 3"/>'
