"""Bars and lines in running text, as SVG: widths are attributes, since the policy refuses inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LENGTH = 100.0
SPARK_HEIGHT = 28.0


@dataclass(frozen=True)
class Part:
    """One piece of a bar: its share (0 to 1), what it is, and a colour class of `parts.css` (fill-1)."""

    share: float
    label: str
    fill: str


def share_bar(share: float | None, said: str, tone: str = "") -> SafeString:
    """A bar filled to `share` (0 to 1); `said` is what a person hears who does not see it."""
    width = LENGTH * min(1.0, max(0.0, share or 0.0))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="12"/><rect class="fill {}" width="{}" height="12"/></svg>',
        said,
        tone,
        f"{width:.2f}",
    )


def stacked_bar(parts: Sequence[Part], said: str) -> SafeString:
    """Parts of a whole beside each other, in the order given; shares beyond 1 in sum are cut."""
    pieces, start = [], 0.0
    for part in parts:
        width = max(0.0, min(LENGTH - start, LENGTH * part.share))
        pieces.append((part.fill, f"{start:.2f}", f"{width:.2f}", part.label))
        start += width
    drawn = format_html_join(
        "", '<rect class="fill {}" x="{}" width="{}" height="12"><title>{}</title></rect>', pieces
    )
    return format_html(
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" width="100" height="12"/>{}</svg>',
        said,
        drawn,
    )


def spark(values: Sequence[float], said: str) -> SafeString:
    """A line of at least two values from zero upward, oldest first, without axes; empty text for fewer."""
    if len(values) < 2:
        return SafeString("")
    top = max(*values, 0.0) or 1.0
    step = LENGTH / (len(values) - 1)
    line = " ".join(
        f"{index * step:.1f},{SPARK_HEIGHT - 1 - (SPARK_HEIGHT - 2) * max(value, 0.0) / top:.1f}"
        for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark" width="100" height="28" viewBox="0 0 100 28" preserveAspectRatio="none" '
        'role="img" aria-label="{}"><polygon class="area" points="0,28 {} 100,28"/>'
        '<polyline class="line" points="{}"/></svg>',
        said,
        line,
        line,
    )
