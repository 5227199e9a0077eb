"""What people declare of services and agreements: the shape of the YAML that lies in git."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Audience = Literal["customers", "colleagues"]
Lifecycle = Literal["planned", "live", "retiring", "retired"]
AgreementKind = Literal["sla", "ola", "supplier", "xla"]
Measure = Literal["availability", "latency", "first_response", "resolution", "good_days", "satisfaction"]


class Offering(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What can be had of a service."""

    name: str
    what: str = ""


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document, where it lies."""

    title: str
    url: str


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it costs a month, and who says so."""

    what: str
    a_month: float
    currency: str
    source: str


class DeclaredTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A promise: `value` in `unit`, held over the last `days`. `measure`: see `promises.MEASURES`."""

    measure: Measure
    value: float
    unit: str
    days: int = 28


class DeclaredService(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A service. `seen_as`: what events call it, where that is not its name. `needs`: other services;
    `items`: of the estate, as `towpath estate show` takes them; `consumers`: who is said to use it."""

    name: str
    title: str
    audience: Audience = msgspec.field(name="for")
    purpose: str
    owner: str
    lifecycle: Lifecycle = "live"
    hours: str = ""
    seen_as: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    offerings: tuple[Offering, ...] = ()
    documents: tuple[Paper, ...] = ()
    costs: tuple[Cost, ...] = ()
    needs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What events call it."""
        return self.seen_as or (self.name,)


class DeclaredAgreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What `provider` promised `consumer` of a service. `supplier`: a contract that underpins others."""

    name: str
    kind: AgreementKind
    service: str
    provider: str
    consumer: str
    targets: tuple[DeclaredTarget, ...]


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One document, or several put together."""

    services: tuple[DeclaredService, ...] = ()
    agreements: tuple[DeclaredAgreement, ...] = ()


def body_of(declared: DeclaredService | DeclaredAgreement) -> dict[str, Any]:
    """As the records keep it; two bodies are equal where the declarations are."""
    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(declared))
    return body
