"""The flow between tiers as SVG: a bar for each tier, as high as its tickets; a band for each way."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _

from towpath.desk.schemas.flow import TicketFlow, TierFlow, TierMove
from towpath.foundation.ui.figures import money, number

WIDTH, HEIGHT, TALLEST, BAR = 820, 250, 150, 22
TOP = 30
MIDDLE = TOP + TALLEST / 2


def draw(flow: TicketFlow) -> str:
    """The picture. Widths are tickets; the dearer a tier's path, the warmer its colour."""
    most = max(tier.tickets for tier in flow.tiers) or 1
    apart = (WIDTH - 260) / max(1, len(flow.tiers) - 1)
    places = {tier.tier: 40 + place * apart for place, tier in enumerate(flow.tiers)}
    bands = "".join(_band(move, places, most) for move in flow.moves)
    bars = "".join(_bar(tier, places[tier.tier], most, flow) for tier in flow.tiers)
    told = escape(_("Tickets by support tier, and how often they went from one tier to another"))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}" class="flow-picture" '
        f'width="100%" font-size="13">{bands}{bars}</svg>'
    )


def _band(move: TierMove, places: dict[int, float], most: int) -> str:
    thick = max(1.5, move.tickets / most * TALLEST * 0.6)
    up = move.to_tier > move.from_tier
    start, end = places[move.from_tier] + (BAR if up else 0), places[move.to_tier] + (0 if up else BAR)
    level = MIDDLE + (-8 if up else 8) - (thick if up else -thick) / 2
    bend = level + (-110 if up else 110) * (abs(move.to_tier - move.from_tier) - 1)
    colour = "var(--warn)" if up else "var(--harm)"
    told = escape(
        _("Tier %(from)s to tier %(to)s: %(tickets)s tickets, %(moves)s times")
        % {
            "from": move.from_tier,
            "to": move.to_tier,
            "tickets": number(move.tickets),
            "moves": number(move.moves),
        }
    )
    middle = (start + end) / 2
    return (
        f'<path d="M{start:.0f} {level} C{middle:.0f} {bend} {middle:.0f} {bend} {end:.0f} {level}" '
        f'fill="none" stroke="{colour}" stroke-width="{thick:.1f}" opacity="0.45">'
        f"<title>{told}</title></path>"
    )


def _bar(tier: TierFlow, x: float, most: int, flow: TicketFlow) -> str:
    high = max(3.0, tier.tickets / most * TALLEST)
    named = escape(_("Tier %(tier)s") % {"tier": tier.tier})
    solved = escape(_("solves %(count)s") % {"count": number(tier.resolved)})
    path = ""
    if tier.path_cost is not None and flow.costs is not None:
        path = escape(_("%(cost)s a path") % {"cost": money(tier.path_cost, flow.costs.currency)})
    lines = "".join(
        f'<text x="{x:.0f}" y="{TOP + TALLEST + 20 + 16 * place}" fill="var(--{colour})">{text}</text>'
        for place, (text, colour) in enumerate(((named, "ink"), (solved, "mute"), (path, "mute")))
        if text
    )
    top = MIDDLE - high / 2
    bar = f'<rect x="{x:.0f}" y="{top:.0f}" width="{BAR}" height="{high:.0f}" rx="3" fill="var(--ink)"/>'
    return bar + lines
