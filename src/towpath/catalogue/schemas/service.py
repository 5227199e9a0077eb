"""One service: owner, health, consumers, promises, journeys carried, changes and risks."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.catalogue.rules.declaring import Cost, Offering, Paper
from towpath.catalogue.schemas.services import ServiceRow
from towpath.estate.schemas.blast import ItemPlace
from towpath.estate.schemas.carrying import Carrying


class PromiseShown(msgspec.Struct, frozen=True):
    """A target and what was measured of it. `measured`: in `unit`, None where nothing was; `attempts`: of how
    many; `verdict`: "kept" or "missed" where the 95 % interval lies on one side, else "cannot_tell", or
    "not_measurable" with `connect`, what would measure it."""

    agreement: str
    kind: str
    kind_in_words: str
    provider: str
    consumer: str
    measure: str
    measure_in_words: str
    value: float
    unit: str
    days: int
    measured: float | None
    attempts: int
    verdict: str
    verdict_in_words: str
    connect: str


class ServiceNamed(msgspec.Struct, frozen=True):
    """Another service."""

    name: str
    title: str


class ServiceChange(msgspec.Struct, frozen=True):
    """A change whose events name the service."""

    change: str
    version: str
    component: str
    at: datetime


class ServiceCost(msgspec.Struct, frozen=True):
    """What it costs a month, in one currency."""

    a_month: float
    currency: str


class ServiceRisks(msgspec.Struct, frozen=True):
    """What lies beneath it in the estate: `items` that it rests on, of which `unknown` ones the estate does
    not know; `beneath` as many in all; each of `single_points` takes it down alone; `weak` libraries, `late`
    past their day; `conflicts`: items of which sources disagree; `unavailable`: estimated share of time."""

    items: tuple[ItemPlace, ...]
    unknown: tuple[str, ...]
    beneath: int
    single_points: tuple[ItemPlace, ...]
    weak: int
    late: int
    conflicts: int
    unavailable: float | None
    assumed: int


class ServiceShown(msgspec.Struct, frozen=True):
    """`consumers`: as declared; `teams`: of colleagues whose events named it this week, tickets included;
    `needed_by`: services that declare to need it. `carried` and `risks`: None where the actor may not see the
    estate or journeys, or nothing is known."""

    service: ServiceRow
    seen_as: tuple[str, ...]
    hours: str
    offerings: tuple[Offering, ...]
    documents: tuple[Paper, ...]
    costs: tuple[Cost, ...]
    costs_a_month: tuple[ServiceCost, ...]
    consumers: tuple[str, ...]
    teams: tuple[str, ...]
    promises: tuple[PromiseShown, ...]
    needs: tuple[ServiceNamed, ...]
    needed_by: tuple[ServiceNamed, ...]
    carried: Carrying | None
    changes: tuple[ServiceChange, ...]
    risks: ServiceRisks | None
    changed_at: datetime
    changed_by: str
