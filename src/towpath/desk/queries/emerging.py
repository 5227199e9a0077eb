"""Emerging topics of a desk: what page, API and `--json` show."""

from __future__ import annotations

from functools import lru_cache

from towpath.desk.measures.emerging import emerging_of, tickets_behind
from towpath.desk.measures.history import History
from towpath.desk.queries.behind import tickets_of
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.schemas.emerging import EmergingTopics
from towpath.desk.schemas.insights import Shown
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor


def emerging(actor: Actor, name: str = "") -> EmergingTopics:
    """Of a desk (the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    return _looked(history(desk), desk.name, lake().snapshot().version)


def behind_emerging(actor: Actor, name: str, topic: str, page: int = 1) -> tuple[list[Shown], int]:
    """The topic's tickets of the last four whole weeks, and how many those are. Raises Http404."""
    found = history(meant(actor, name))
    return tickets_of(found, tickets_behind(found, topic), page)


@lru_cache(maxsize=4)
def _looked(found: History, name: str, _version: int) -> EmergingTopics:
    """`_version` of the lake: changes come in from other sources too."""
    return emerging_of(found, name)
