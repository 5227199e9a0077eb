"""What the invented company is made of: services, components, channels, teams, and its journeys' steps."""

from __future__ import annotations

import msgspec
import numpy as np

from towpath.site.demo.company.draws import Float, Int

NAME = "Kanal Energy"
"""An invented company: no such supplier is meant."""


class Component(msgspec.Struct, frozen=True):
    """`median_ms` of an answer at rest; `spread`: sigma of its logarithm; `strain`: how much load slows it;
    `faults`: per 1,000 calls."""

    key: str
    service: str
    median_ms: float
    spread: float
    strain: float
    faults: float


COMPONENTS = (
    Component("web-front", "channels", 90, 0.45, 0.3, 0.4),
    Component("mobile-app", "channels", 70, 0.45, 0.2, 0.5),
    Component("telephony-core", "channels", 120, 0.40, 0.2, 0.4),
    Component("chat-bot", "channels", 160, 0.50, 0.3, 0.6),
    Component("callback-queue", "channels", 110, 0.40, 0.2, 0.3),
    Component("login", "accounts", 140, 0.45, 0.4, 0.6),
    Component("identity-check", "accounts", 620, 0.45, 0.4, 1.2),
    Component("customer-profile", "accounts", 110, 0.40, 0.3, 0.4),
    Component("consent-store", "accounts", 60, 0.35, 0.2, 0.2),
    Component("tariff-engine", "tariffs", 310, 0.45, 0.5, 0.9),
    Component("price-cache", "tariffs", 35, 0.40, 0.2, 0.2),
    Component("quote-store", "tariffs", 90, 0.40, 0.3, 0.3),
    Component("campaign-rules", "tariffs", 70, 0.40, 0.2, 0.3),
    Component("meter-registry", "metering", 480, 0.50, 0.5, 1.1),
    Component("address-lookup", "metering", 150, 0.45, 0.3, 0.5),
    Component("reading-intake", "metering", 120, 0.40, 0.3, 0.4),
    Component("grid-exchange", "metering", 540, 0.55, 0.3, 1.0),
    Component("billing-core", "billing", 260, 0.45, 0.5, 0.8),
    Component("document-maker", "billing", 330, 0.50, 0.4, 0.7),
    Component("ledger", "billing", 130, 0.40, 0.4, 0.5),
    Component("dunning", "billing", 100, 0.40, 0.2, 0.2),
    Component("payment-hub", "payments", 300, 0.45, 0.5, 1.0),
    Component("card-gateway", "payments", 520, 0.50, 0.4, 1.2),
    Component("bank-gateway", "payments", 430, 0.50, 0.3, 0.9),
    Component("wallet", "payments", 120, 0.40, 0.3, 0.4),
)
COMPONENT_AT = {component.key: place for place, component in enumerate(COMPONENTS)}
SERVICES = tuple(dict.fromkeys(component.service for component in COMPONENTS))
CHANNELS = ("web", "app", "phone", "chat")
SOURCES = ("web-shop", "app", "telephony", "chat")
"""The system that records each channel, in the order of `CHANNELS`."""
ENTRANCES = ("web-front", "mobile-app", "telephony-core", "chat-bot")
"""The component through which each channel comes in."""
DESK, PIPELINE = "service-desk", "deploy-pipeline"
LANGUAGES = ("en", "es", "sv", "zh")
REGIONS = ("harbour", "old town", "north bank", "islands")
DEVICES = ("desktop", "android", "ios", "landline")
OUTCOMES = ("ok", "fault", "refused", "mistake", "abandoned")
OK, FAULT, REFUSED, MISTAKE, ABANDONED = range(5)
JOURNEYS = ("join", "pay", "move")
JOIN, PAY, MOVE = range(3)


class Step(msgspec.Struct, frozen=True):
    """`leaves`: share who leave there of their own accord; `mistakes` and `refusals` likewise per attempt.
    `effort_s`: what it takes a person, in the middle."""

    journey: str
    key: str
    type: str
    service: str
    components: tuple[str, ...]
    leaves: float
    mistakes: float
    refusals: float
    effort_s: float


STEPS = (
    Step("join", "compare", "tariff.compared", "tariffs",
         ("tariff-engine", "price-cache", "campaign-rules"), 0.04, 0.005, 0.0, 90),
    Step("join", "address", "address.found", "metering",
         ("address-lookup", "meter-registry", "quote-store"), 0.09, 0.030, 0.0, 60),
    Step("join", "identify", "identity.checked", "accounts",
         ("identity-check", "consent-store", "customer-profile"), 0.07, 0.025, 0.020, 100),
    Step("join", "sign", "contract.signed", "billing",
         ("document-maker", "ledger", "grid-exchange"), 0.05, 0.008, 0.0, 150),
    Step("pay", "open_bill", "bill.opened", "billing",
         ("login", "billing-core", "document-maker"), 0.02, 0.012, 0.0, 40),
    Step("pay", "choose_method", "payment.method_chosen", "payments",
         ("wallet", "payment-hub"), 0.015, 0.010, 0.0, 25),
    Step("pay", "submit", "payment.submitted", "payments",
         ("payment-hub", "card-gateway", "bank-gateway"), 0.01, 0.020, 0.015, 35),
    Step("pay", "confirm", "payment.confirmed", "billing",
         ("ledger", "billing-core"), 0.002, 0.0, 0.0, 10),
    Step("move", "announce", "move.announced", "accounts",
         ("login", "customer-profile"), 0.03, 0.010, 0.0, 60),
    Step("move", "find_meter", "move.meter_found", "metering",
         ("address-lookup", "meter-registry"), 0.04, 0.030, 0.0, 80),
    Step("move", "agree_date", "move.date_agreed", "metering",
         ("grid-exchange", "callback-queue"), 0.03, 0.015, 0.0, 60),
    Step("move", "confirm", "move.confirmed", "billing",
         ("document-maker", "ledger"), 0.01, 0.003, 0.0, 30),
)  # fmt: skip
"""Four a journey, in their order."""
STEP_AT = {f"{step.journey}.{step.key}": place for place, step in enumerate(STEPS)}
STEPS_EACH = 4
IDENTIFY = STEP_AT["join.identify"]
CONFIRM = STEP_AT["pay.confirm"]
DECLINED, DOUBLE = "join.declined", "payment.duplicate"
WIDEST = 4
"""Components that an attempt calls at most: the channel's entrance, then the step's own."""


class Topic(msgspec.Struct, frozen=True):
    """What people contact the company about. `share` of the everyday contacts, `first_level`: share that
    tier 1 solves; `team`: the second tier's."""

    key: str
    share: float
    first_level: float
    team: str


TOPICS = (
    Topic("bill question", 0.26, 0.82, "billing specialists"),
    Topic("meter reading", 0.20, 0.78, "metering specialists"),
    Topic("password reset", 0.18, 0.90, "digital support"),
    Topic("contract question", 0.16, 0.75, "billing specialists"),
    Topic("moving", 0.12, 0.70, "metering specialists"),
    Topic("payment trouble", 0.04, 0.62, "billing specialists"),
    Topic("joining trouble", 0.04, 0.65, "digital support"),
    Topic("double payment", 0.0, 0.10, "billing specialists"),
    Topic("bill layout", 0.0, 0.97, "billing specialists"),
)
CATALOGUE: dict[str, tuple[tuple[str, float], ...]] = {
    "bill question": (("Billing desk", 1.0),),
    "meter reading": (("Meters at home", 1.0),),
    "password reset": (("Online account", 1.0),),
    "contract question": (("Contracts", 0.8), ("Billing desk", 0.2)),
    "moving": (("Contracts", 0.55), ("Meters at home", 0.45)),
    "payment trouble": (("Paying", 1.0),),
    "joining trouble": (("Contracts", 0.9), ("Online account", 0.1)),
    "double payment": (("Paying", 0.85), ("Billing desk", 0.15)),
    "bill layout": (("Billing desk", 1.0),),
}
"""The service of the desk's own catalogue that a contact is about, by topic: with which share."""
CATALOGUED = 0.62
"""Of the tickets that name it. At the others nobody filled the field in."""
TOPIC_AT = {topic.key: place for place, topic in enumerate(TOPICS)}
TROUBLE = np.array([TOPIC_AT[key] for key in ("joining trouble", "payment trouble", "moving")], np.int64)
"""What a person says who is stuck in each of `JOURNEYS`."""
TEAMS = ("customer care", "billing specialists", "metering specialists", "digital support", "platform")
"""The first is tier 1, the last tier 3."""

CALLS: Int = np.full((len(STEPS), len(CHANNELS), WIDEST), -1, np.int64)
"""Components that an attempt calls, by step and channel; -1 where there is no more."""
for _place, _step in enumerate(STEPS):
    for _channel, _entrance in enumerate(ENTRANCES):
        for _nth, _key in enumerate((_entrance, *_step.components)):
            CALLS[_place, _channel, _nth] = COMPONENT_AT[_key]


def of_components(field: str) -> Float:
    """float64[components] of a figure that `Component` holds."""
    return np.array([getattr(component, field) for component in COMPONENTS], np.float64)


def of_steps(field: str) -> Float:
    """float64[steps] of a figure that `Step` holds."""
    return np.array([getattr(step, field) for step in STEPS], np.float64)
