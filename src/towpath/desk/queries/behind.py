"""The tickets behind a figure: those that stood open longest first."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Bool
from towpath.desk.measures.flow import HOUR_US, moment
from towpath.desk.measures.history import History
from towpath.desk.rules.states import WAITING
from towpath.desk.schemas.insights import Shown

PAGE = 50


def tickets_of(history: History, mask: Bool, page: int) -> tuple[list[Shown], int]:
    """PAGE tickets of `mask` (bool[t]), and how many there are in all."""
    facts = history.facts
    open_us = facts.by_state[:, : WAITING + 1].sum(axis=1)
    places = np.flatnonzero(mask)
    places = places[np.argsort(-open_us[places], kind="stable")]
    topics, teams = [*history.topic.texts(), ""], [*history.team.texts(), ""]
    begin = (max(page, 1) - 1) * PAGE
    shown = [
        Shown(
            ticket=str(history.tickets[place]),
            opened=moment(int(facts.opened[place])),
            topic=topics[history.topic.codes[place]],
            team=teams[facts.last_team[place]],
            hours=float(open_us[place] / HOUR_US),
            hand_overs=int(facts.hand_overs[place]),
            reopened=int(facts.reopened[place]),
        )
        for place in places[begin : begin + PAGE].tolist()
    ]
    return shown, len(places)
