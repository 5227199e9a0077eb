"""Who the people are: what they speak, how they come, how long they wait. Drawn once, for good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.site.demo.company.draws import Bool, Draws, Float, Int, Purpose
from towpath.site.demo.company.landscape import CHANNELS, LANGUAGES, REGIONS
from towpath.site.demo.company.plan import Plan, Segment

JOINING_A_DAY = 0.010
"""People who set out to become customers, for each customer and day."""
LANGUAGE_SHARES = (0.55, 0.20, 0.15, 0.10)
REGION_SHARES = (0.35, 0.25, 0.28, 0.12)
CHANNEL_SHARES = (0.38, 0.36, 0.16, 0.10)
FAVOURITE_HOURS, HOUR_SHARES = np.array([8.5, 12.5, 16.0, 19.7]), (0.20, 0.22, 0.23, 0.35)
UPGRADE_DAYS = 2.0


@dataclass(frozen=True)
class People:
    """Arrays by person: the customers, then those who set out to become some.

    `patience`: milliseconds that a person waits for an answer; `tries`: how often at one step;
    `reluctance`: multiplies the share who leave; `upgrade`: days until a new app is on the phone.
    """

    customers: int
    language: Int
    region: Int
    channel: Int
    phone: Int
    hour: Float
    patience: Float
    tries: Int
    reluctance: Float
    upgrade: Float

    def __len__(self) -> int:
        return len(self.language)

    def belongs(self, person: Int, channel: Int, segment: Segment) -> Bool:
        """Who of them, on this channel, is of a segment."""
        fits = np.ones(len(person), np.bool_)
        if segment.channel:
            fits &= channel == CHANNELS.index(segment.channel)
        if segment.language:
            fits &= self.language[person] == LANGUAGES.index(segment.language)
        if segment.region:
            fits &= self.region[person] == REGIONS.index(segment.region)
        if segment.device:
            fits &= device_names(self.phone[person], channel) == segment.device
        return fits


def people_of(plan: Plan, draws: Draws) -> People:
    """The people of a run. Person n is the same in every run with this seed and number of customers."""
    joining = round(plan.customers * JOINING_A_DAY * plan.days)
    who = np.arange(plan.customers + joining, dtype=np.int64)
    traits = draws.uniform(Purpose.WHO, who)
    habits = draws.uniform(Purpose.HABITS, who)
    z = draws.normal(Purpose.PATIENCE, who)
    more = draws.uniform(Purpose.PATIENCE_MORE, who)
    return People(
        customers=plan.customers,
        language=_among(LANGUAGE_SHARES, traits[0]),
        region=_among(REGION_SHARES, traits[1]),
        channel=_among(CHANNEL_SHARES, traits[2]),
        phone=_among((0.55, 0.45), traits[3]),
        hour=(FAVOURITE_HOURS[_among(HOUR_SHARES, habits[0])] + 1.6 * z[0]) % 24,
        patience=11_000 * np.exp(0.55 * z[1]),
        tries=1 + _among((0.30, 0.40, 0.22, 0.08), habits[1]),
        reluctance=np.exp(0.5 * z[2] - 0.125),
        upgrade=UPGRADE_DAYS * -np.log(more[0]),
    )


def device_names(phone: Int, channel: Int) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """What a person holds in hand: a computer on the web and in chat, their phone in the app, a telephone."""
    names = np.array(["desktop", "android", "ios", "landline"], np.object_)
    app, line = channel == CHANNELS.index("app"), channel == CHANNELS.index("phone")
    return names[np.where(app, 1 + phone, np.where(line, 3, 0))]


def _among(shares: tuple[float, ...], u: Float) -> Int:
    """Which of these shares each number in (0, 1) falls into."""
    return np.searchsorted(np.cumsum(shares)[:-1], u, side="right").astype(np.int64)
