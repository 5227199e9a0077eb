"""What the invented company's telephone system reports: calls of two queues by the half-hour, Monday to
Friday. In the last two weeks but one, billing has too few people after nine."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

SERIES, ZONE, WEEKS = "switchboard", "Europe/Amsterdam", 12
QUEUES = {"billing": 22.0, "technical": 14.0}
OPEN = range(16, 36)
"""Half-hours since midnight."""
SHORT = range(9, 11)
HEADING = "begins,queue,offered,answered,abandoned,wait,within"


def call_list(until: date, seed: int = 11) -> str:
    """The list in CSV, up to the Sunday before `until`."""
    draw = np.random.default_rng(seed)
    first = until - timedelta(days=until.weekday() + WEEKS * 7)
    lines = [HEADING]
    for week in range(WEEKS):
        for day in range(5):
            at = first + timedelta(days=week * 7 + day)
            busy = float(draw.gamma(40, 1 / 40)) * (1.25 if day == 0 else 1.0)
            for queue, usual in QUEUES.items():
                short = queue == "billing" and week in SHORT
                lines += _day(draw, f"{at:%Y-%m-%d}", queue, usual * busy, short=short)
    return "\n".join(lines) + "\n"


def _day(draw: np.random.Generator, at: str, queue: str, usual: float, *, short: bool) -> list[str]:
    lines = []
    for half in OPEN:
        peak = 1.5 if 18 <= half < 22 else 0.8
        offered = int(draw.poisson(usual * peak))
        load = peak * (1.6 if short and half >= 18 else 1.0)
        wait = float(draw.gamma(6, 4.5 * load**2))
        lost = int(draw.binomial(offered, min(0.6, 0.02 + wait / 900)))
        within = f"{100 * float(np.exp(-wait / 75)):.1f} %" if offered else ""
        begins = f"{at} {half // 2:02}:{half % 2 * 30:02}"
        lines.append(f"{begins},{queue},{offered},{offered - lost},{lost},{wait:.0f},{within}")
    return lines
