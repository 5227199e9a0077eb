"""Who is told of findings, and what was told."""

from __future__ import annotations

from datetime import datetime

import msgspec


class RuleShown(msgspec.Struct, frozen=True):
    """A rule without its secret. `news`: new, back, grave, gone; no family means all kinds of trouble."""

    id: int
    name: str
    means: str
    address: str
    news: tuple[str, ...]
    families: tuple[str, ...]
    least_score: float
    active: bool
    created_by: str
    created_at: datetime


class RuleMade(msgspec.Struct, frozen=True):
    """A new rule. `secret` signs what a webhook sends; it is shown this once, and empty for e-mail."""

    rule: RuleShown
    secret: str


class DeliveryShown(msgspec.Struct, frozen=True):
    """One thing told. `said`: what the receiver answered, or why it did not take it."""

    id: int
    rule: str
    digest: str
    sentence: str
    news: str
    state: str
    state_in_words: str
    tries: int
    said: str
    made_at: datetime
    done_at: datetime | None
