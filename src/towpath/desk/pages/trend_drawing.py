"""A trend as SVG: one or a few lines over time, a gap where there is no number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 170, 56, 12, 12, 26
COLOURS = ("series-1", "series-2", "series-3", "series-4")
MOST_MARKS = 6
KEY_HEIGHT, SPACE = 20, "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Line:
    """A line's name, and a value for each place on the axis; None: nothing is known there."""

    name: str
    values: Sequence[float | None]


def draw_lines(
    lines: Sequence[Line],
    labels: Sequence[str],
    said: Callable[[float], str],
    *,
    top: float | None = None,
    about: str = "",
) -> str:
    """The picture; empty where nothing is known. `labels` name the places; `said` writes a value; `top`: the
    highest value of the axis, otherwise the highest of the lines; `about` tells those who cannot see it."""
    known = [value for line in lines for value in line.values if value is not None]
    if not known:
        return ""
    high = top or max(known) or 1.0
    body = "".join(
        _line(line, labels, high, COLOURS[place % len(COLOURS)], said) for place, line in enumerate(lines)
    )
    told = escape(about or f"{labels[0]} … {labels[-1]}")
    key = _key(lines) if len(lines) > 1 else ""
    above = KEY_HEIGHT if key else 0
    return (
        f'<svg viewBox="0 {-above} {WIDTH} {HEIGHT + above}" role="img" aria-label="{told}" width="100%" '
        f'font-size="12">{key}{_grid(high, said)}{_axis(labels)}{body}</svg>'
    )


def _key(lines: Sequence[Line]) -> str:
    """Which line is which, above the picture: a colour alone says nothing."""
    named = "".join(
        f'<tspan fill="var(--{COLOURS[place % len(COLOURS)]})">■</tspan>'
        f'<tspan fill="var(--mute)">{SPACE}{escape(line.name)}{SPACE * 3}</tspan>'
        for place, line in enumerate(lines)
    )
    return f'<text x="{LEFT}" y="-8">{named}</text>'


def _x(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place / (count - 1) if count > 1 else 0.5)


def _y(value: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / high)


def _grid(high: float, said: Callable[[float], str]) -> str:
    return "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(value, high):.1f}" y2="{_y(value, high):.1f}" '
        f'stroke="var(--line)"/><text x="{LEFT - 6}" y="{_y(value, high) + 4:.1f}" text-anchor="end" '
        f'fill="var(--mute)">{escape(said(value))}</text>'
        for value in (0.0, high / 2, high)
    )


def _axis(labels: Sequence[str]) -> str:
    step = max(1, -(-len(labels) // MOST_MARKS))
    marks = range(0, len(labels), step)
    return "".join(
        f'<text x="{_x(place, len(labels)):.1f}" y="{HEIGHT - 8}" text-anchor="{_anchor(place, labels)}" '
        f'fill="var(--mute)">{escape(labels[place])}</text>'
        for place in marks
    )


def _anchor(place: int, labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return "middle"
    return "start" if place == 0 else "end" if place == len(labels) - 1 else "middle"


def _line(line: Line, labels: Sequence[str], high: float, colour: str, said: Callable[[float], str]) -> str:
    count = len(labels)
    placed = list(enumerate(line.values))
    runs = (list(run) for known, run in groupby(placed, key=lambda each: each[1] is not None) if known)
    paths = ""
    for run in runs:
        points = " ".join(f"{_x(at, count):.1f},{_y(value or 0.0, high):.1f}" for at, value in run)
        paths += f'<polyline points="{points}" fill="none" stroke="var(--{colour})" stroke-width="2"/>'
    dots = "".join(
        f'<circle cx="{_x(at, count):.1f}" cy="{_y(value, high):.1f}" r="2.5" fill="var(--{colour})">'
        f"<title>{escape(f'{line.name} {labels[at]}: {said(value)}'.strip())}</title></circle>"
        for at, value in placed
        if value is not None
    )
    return paths + dots
