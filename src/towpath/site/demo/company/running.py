"""A run of the company from its plan: what happened, and the events that its systems recorded of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.site.demo.company.desk import Contacts, Doubled, Lived, TicketSteps, contacts_of, tickets_of
from towpath.site.demo.company.draws import Draws, Purpose
from towpath.site.demo.company.influences import Influences
from towpath.site.demo.company.intents import BILL_EVERY, BY_HAND, Intents, intents_of
from towpath.site.demo.company.landscape import CONFIRM, OK
from towpath.site.demo.company.people import People, people_of
from towpath.site.demo.company.plan import GRAVE, SECOND, Plan
from towpath.site.demo.company.releases import Releases
from towpath.site.demo.company.walking import Walk, Walked
from towpath.site.demo.company.weather import Weather


@dataclass(frozen=True, eq=False)
class Run:
    """What happened. See `Lived` for `doubled`."""

    plan: Plan
    people: People
    intents: Intents
    releases: Releases
    walked: Walked
    doubled: Doubled
    contacts: Contacts
    tickets: TicketSteps


def run_company(plan: Plan) -> Run:
    """Let the plan's people live its days. The same plan gives the same run, on every machine."""
    draws = Draws(plan.seed)
    people, weather = people_of(plan, draws), Weather(plan, draws)
    releases = Releases(plan, draws)
    intents = intents_of(plan, people, weather, draws)
    influences = Influences(plan, people, releases)
    walked = Walk(plan, people, intents, (weather, influences), draws).run()
    doubled = _paid_twice(plan, intents, walked, draws)
    contacts = contacts_of(plan, people, Lived(intents, walked, doubled), weather, draws)
    tickets = tickets_of(plan, contacts, draws)
    return Run(plan, people, intents, releases, walked, doubled, contacts, tickets)


def _paid_twice(plan: Plan, intents: Intents, walked: Walked, draws: Draws) -> Doubled:
    attempts = walked.attempts
    paid = (attempts.step == CONFIRM) & (attempts.outcome == OK)
    i, at = attempts.intent[paid], attempts.at[paid]
    u = draws.uniform(Purpose.DOUBLE, intents.person[i], intents.nth[i])[0]
    chance = np.zeros(len(i))
    weekly = plan.customers * BY_HAND / BILL_EVERY * 7
    for cause in plan.causes:
        if cause.kind == GRAVE:
            inside = (at >= cause.begin) & (at < cause.end)
            chance[inside] += cause.per_week * cause.size / weekly
    twice = u < chance
    return i[twice], at[twice] + 40 * SECOND, attempts.channel[paid][twice]
