"""First contact, first level and returns, by topic, service, team, country, month: what the data names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from towpath.analytics.kernels.compiling import Bool
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.flow import first_contact, first_level, refusal
from towpath.desk.measures.history import History
from towpath.desk.measures.returns import returns_of, solved_in_contact
from towpath.desk.measures.selecting import BY
from towpath.desk.measures.stays import month_names
from towpath.desk.schemas.solved import SolvedBy, SolvedPart

CHOICES = ("month", "topic", "team", *(name for name in BY if name != "topic"))
MOST = 40
SHOWN = ("all", "first-contact", "first-level", "came-back")
"""What of a part can be opened."""


def values_of(history: History, by: str) -> Coded:
    """The value of each ticket: for a team, the one that had it first."""
    if by == "team":
        return Coded(history.facts.first_team, history.team.names)
    if by == "month":
        month = history.facts.opened.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        return Coded.of(pa.array(month_names(month).tolist(), pa.string()))
    return history.of_ticket[by]


def choices_of(history: History) -> tuple[str, ...]:
    """By what it can be asked: what the data names with more than one value."""
    return tuple(by for by in CHOICES if len(np.unique(values_of(history, by).codes)) > 1)


def solved_by(history: History, by: str, desk: str) -> SolvedBy:
    """`by`: one of CHOICES."""
    values, returns, refused = values_of(history, by), returns_of(history), refusal(history)
    count = np.bincount(values.codes + 1, minlength=len(values.names) + 1)
    codes = [int(code) - 1 for code in np.argsort(-count, kind="stable") if count[code]]
    names = [*values.texts(), ""]
    parts = []
    for code in codes[:MOST]:
        mask = np.asarray(values.codes == code)
        part = SolvedPart(
            name=names[code],
            tickets=int(mask.sum()),
            first_contact=first_contact(history, returns, mask),
            first_level=first_level(history, returns, mask, refused),
            came_back=int((mask & returns.followed & returns.back).sum()),
            followed=int((mask & returns.followed).sum()),
        )
        parts.append(part)
    if by == "month":
        parts.sort(key=lambda part: part.name)
    left_out = max(0, len(codes) - MOST)
    return SolvedBy(desk, by, choices_of(history), history.reading.repeat_days, tuple(parts), left_out)


def behind_part(history: History, by: str, name: str, what: str) -> Bool:
    """The tickets that a figure counts: bool[t]. `what`: one of SHOWN."""
    values, returns = values_of(history, by), returns_of(history)
    mask = np.array([*(each == name for each in values.texts()), not name])[values.codes]
    if what == "all":
        return np.asarray(mask)
    mask &= returns.followed
    if what == "came-back":
        return np.asarray(mask & returns.back)
    facts = history.facts
    at_first = facts.never_left_tier_1 & facts.is_resolved
    solved = solved_in_contact(history) if what == "first-contact" else at_first
    return np.asarray(mask & solved & ~returns.back)
