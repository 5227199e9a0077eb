"""What the invented company's services run on, as three sources of it tell: its own list, its agents, a scan.

Of some things the sources disagree, some are seen by the scan alone, and some hold everything up.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from towpath.site.demo.company.landscape import COMPONENTS, SERVICES

OWNERS = {
    "channels": "digital support", "accounts": "digital support", "tariffs": "billing specialists",
    "metering": "metering specialists", "billing": "billing specialists", "payments": "billing specialists",
}  # fmt: skip
PLATFORM = "platform"
LIST, AGENTS, SCAN, BUILDS = "kanal-list", "kanal-agents", "kanal-scan", "kanal-builds"
"""The sources."""
ENTRANCES = ("web-front", "mobile-app", "telephony-core", "chat-bot", "callback-queue")
"""Any of them lets customers in."""
DATABASES = {
    "billing-db": ("billing-core", "ledger", "dunning", "document-maker"),
    "customer-db": ("login", "identity-check", "customer-profile", "consent-store"),
    "meter-db": ("meter-registry", "address-lookup", "reading-intake"),
    "payment-db": ("payment-hub", "wallet"),
    "tariff-db": ("tariff-engine", "quote-store", "campaign-rules"),
}
DATABASE_HOSTS = {
    "billing-db": ("db-01", "db-02"),
    "customer-db": ("db-01", "db-02"),
    "meter-db": ("db-old",),
    "payment-db": ("db-03", "db-04"),
    "tariff-db": ("db-03", "db-04"),
}
"""One of them must work; the old one stands alone."""
HOSTS_OF = {
    "channels": ("web-01", "web-02", "web-03"),
    "accounts": ("app-01", "app-02"),
    "tariffs": ("app-01", "app-02"),
    "metering": ("app-03", "app-04"),
    "billing": ("app-03", "app-04"),
    "payments": ("app-05", "app-06"),
}
ALONE = {"card-gateway": "app-05", "grid-exchange": "app-04"}
"""Components that run on one machine only."""
SUPPLIED = {
    "card-gateway": "Card acquirer",
    "bank-gateway": "Bank clearing",
    "grid-exchange": "Grid operator's exchange",
    "telephony-core": "Telephone carrier",
    "identity-check": "Bank identity",
}
LIBRARIES = (
    ("payment-hub", "log4j-core", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
    ("card-gateway", "log4j-core", "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1"),
    ("billing-core", "spring-beans", "pkg:maven/org.springframework/spring-beans@5.3.17"),
    ("document-maker", "pillow", "pkg:pypi/pillow@9.0.0"),
    ("web-front", "minimist", "pkg:npm/minimist@1.2.5"),
    ("tariff-engine", "numpy", "pkg:pypi/numpy@1.26.4"),
)
LICENCES = {
    "log4j-core": "Apache-2.0", "spring-beans": "Apache-2.0", "pillow": "HPND", "minimist": "MIT",
}  # fmt: skip
"""As the builds say; of the others they say nothing."""
UNMANAGED = (("printer-7", "10.20.7.7", "9100"), ("nas-basement", "10.20.7.31", "445"))
"""Seen on the network alone: name, address, port."""


class Thing(msgspec.Struct, frozen=True):
    """An item as a source tells of it. `keys`: (scheme, value); `facts`: (field, value)."""

    source: str
    kind: str
    name: str
    keys: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


class Tie(msgspec.Struct, frozen=True):
    """A link from one (kind, name) to another; `needed` of its group must work."""

    source: str
    kind: str
    start: tuple[str, str]
    end: tuple[str, str]
    group: str = ""
    needed: int | None = None


def things() -> list[Thing]:
    """All items, source by source."""
    return [*_listed(), *_of_agents(), *_scanned(), *_built()]


def ties() -> list[Tie]:
    """All links, source by source."""
    return [*_listed_ties(), *_of_databases(), *_below(), *_built_ties()]


def hosts() -> dict[str, str]:
    """Every host that somebody looks after, with its address."""
    named = dict.fromkeys(name for group in (*HOSTS_OF.values(), *DATABASE_HOSTS.values()) for name in group)
    return {name: f"10.20.1.{10 + place}" for place, name in enumerate(named)}


def _listed() -> Iterator[Thing]:
    for service in SERVICES:
        yield Thing(LIST, "application", service, facts=(("owner", OWNERS[service]),))
    for each in COMPONENTS:
        yield Thing(LIST, "component", each.key, facts=(("owner", OWNERS[each.service]),))
    for name in DATABASES:
        yield Thing(LIST, "database", name, facts=(("owner", PLATFORM),))
    for place, name in enumerate(hosts()):
        owner = "" if name == "db-old" else PLATFORM
        serial = (("serial", f"KE-{1000 + place}"),)
        yield Thing(LIST, "host", name, serial, (("owner", owner), ("os", "Debian 11")))
    for name in ("core-switch-1", "core-switch-2", "firewall-1"):
        yield Thing(LIST, "network_device", name, facts=(("owner", PLATFORM),))
    yield Thing(LIST, "storage", "san-1", facts=(("owner", PLATFORM), ("unavailability", "0.0002")))
    yield Thing(LIST, "certificate", "www.kanal.example", (("fingerprint", "kanal-2026"),))
    for name in dict.fromkeys(SUPPLIED.values()):
        yield Thing(LIST, "supplier_service", name, facts=(("unavailability", "0.001"),))


def _of_agents() -> Iterator[Thing]:
    """On all hosts but the oldest; those for metering were set up anew, which the list does not know."""
    for place, (name, address) in enumerate(hosts().items()):
        if name == "db-old":
            continue
        system = "Debian 12" if name in HOSTS_OF["metering"] else "Debian 11"
        keys = (("serial", f"KE-{1000 + place}"), ("machine_id", f"{place:032x}"), ("ip", address))
        yield Thing(AGENTS, "host", name, keys, (("os", system), ("port/tcp/22", "ssh")))


def _scanned() -> Iterator[Thing]:
    for name, address in hosts().items():
        yield Thing(SCAN, "host", name, (("ip", address),), (("port/tcp/22", "ssh OpenSSH"),))
    for name, address, port in UNMANAGED:
        yield Thing(SCAN, "host", name, (("ip", address),), ((f"port/tcp/{port}", "open"),))


def _built() -> Iterator[Thing]:
    for _component, name, purl in LIBRARIES:
        told = {"version": purl.rpartition("@")[2], "licence": LICENCES.get(name, "")}
        facts = tuple((field, text) for field, text in told.items() if text)
        yield Thing(BUILDS, "library", name, (("purl", purl),), facts)


def _listed_ties() -> Iterator[Tie]:
    for each in COMPONENTS:
        ends = ("component", each.key), ("application", each.service)
        entrance = each.key in ENTRANCES
        yield Tie(LIST, "part_of", *ends, "entrances" if entrance else "", 1 if entrance else None)
        for host in HOSTS_OF[each.service] if each.key not in ALONE else (ALONE[each.key],):
            yield Tie(LIST, "runs_on", ("component", each.key), ("host", host), "machines", 1)
    for component, supplier in SUPPLIED.items():
        yield Tie(LIST, "supplied_by", ("component", component), ("supplier_service", supplier))
    for component in ("web-front", "mobile-app"):
        yield Tie(LIST, "depends_on", ("component", component), ("certificate", "www.kanal.example"))


def _of_databases() -> Iterator[Tie]:
    for database, components in DATABASES.items():
        for component in components:
            yield Tie(LIST, "depends_on", ("component", component), ("database", database))
        for host in DATABASE_HOSTS[database]:
            yield Tie(LIST, "runs_on", ("database", database), ("host", host), "machines", 1)
        yield Tie(LIST, "depends_on", ("database", database), ("storage", "san-1"))


def _below() -> Iterator[Tie]:
    """Hosts need one of two switches; whoever comes from outside comes through the firewall."""
    for host in hosts():
        for switch in ("core-switch-1", "core-switch-2"):
            yield Tie(LIST, "connects_to", ("host", host), ("network_device", switch), "switches", 1)
    for host in HOSTS_OF["channels"]:
        yield Tie(LIST, "connects_to", ("host", host), ("network_device", "firewall-1"))


def _built_ties() -> Iterator[Tie]:
    for component, _name, purl in LIBRARIES:
        yield Tie(BUILDS, "part_of", ("library", purl), ("component", component))
