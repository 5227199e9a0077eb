"""Services as the list shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

WantedAudience = Literal["", "customers", "colleagues"]
Health = Literal["missed", "worse", "better", "usual", "little", "unknown"]


class WantedServices(msgspec.Struct, frozen=True):
    """Which services; empty fields let everything through. `audience`: for whom."""

    q: str = ""
    audience: WantedAudience = ""
    owner: str = ""


class ServiceHealth(msgspec.Struct, frozen=True):
    """Measured alone. `word`: "missed" (a promise is), else faults against the week before: "worse", "better"
    or "usual"; "little": too little data; "unknown": no event says how an attempt ended. Of the seven days
    until `as_of`, and the seven before."""

    word: Health
    in_words: str
    as_of: datetime | None
    attempts: int
    faults: int
    faults_per_thousand: float | None
    faults_per_thousand_before: float | None
    customers_a_week: int
    latency_ms: float | None
    promises: int
    kept: int
    missed: int


class ServiceRow(msgspec.Struct, frozen=True):
    """A service with how it is. `audience`: "customers" or "colleagues"."""

    name: str
    title: str
    audience: str
    audience_in_words: str
    purpose: str
    owner: str
    lifecycle: str
    lifecycle_in_words: str
    health: ServiceHealth
    gone_since: datetime | None


class ServiceList(msgspec.Struct, frozen=True):
    """All that fit, by title; `owners`: of all services, to choose from; `in_all`: how many there are."""

    services: tuple[ServiceRow, ...]
    owners: tuple[str, ...]
    in_all: int
