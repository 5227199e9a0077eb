"""The invented company's estate comes into the records, as what any source tells does."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.estate.actions.exposures import hold_against_advisories
from towpath.estate.actions.reports import take_in
from towpath.estate.actions.vex import take_statements
from towpath.estate.advisories.keeping import rewriting
from towpath.estate.advisories.osv import Advisory
from towpath.estate.observing import observe
from towpath.estate.sources.report import EVERYTHING, Report, SeenItem, SeenLink
from towpath.estate.vex.document import Target, VexDocument, VexStatement
from towpath.foundation.access.actor import Actor
from towpath.foundation.operations.home import home
from towpath.site.demo import advisories
from towpath.site.demo.company import estate as company

FORMS = {company.LIST: "csv", company.AGENTS: "agent", company.SCAN: "nmap", company.BUILDS: "sbom"}
Named = tuple[str, str]
SAID = VexDocument(
    format="OpenVEX 0.2",
    named="https://kanal.example/vex/pillow",
    author="Kanal's document team",
    said_at=advisories.OF_DAY,
    statements=(
        VexStatement(
            "statements[0]",
            ("CVE-2022-22817",),
            "not_affected",
            (Target("pkg:pypi/pillow", "document-maker"),),
            "vulnerable_code_not_in_execute_path: It prints bills, and evaluates no image expressions.",
        ),
    ),
)


def fill_estate(actor: Actor, at: datetime) -> None:
    """Each source's report of that moment, and what the events name. Raises PermissionDenied."""
    for source in FORMS:
        take_in(actor, source, report_of(source, at))
    observe(actor)
    with rewriting(home().root) as file:
        for body in advisories.PUBLISHED:
            file.put_advisory(msgspec.convert(body, Advisory))
        file.put_exploited(advisories.EXPLOITED)
        file.put_cycles(advisories.CYCLES)
        file.note("osv", advisories.OF_DAY)
        file.note("kev", advisories.OF_DAY)
        file.note("endoflife", advisories.OF_DAY)
    hold_against_advisories(actor)
    take_statements(actor, SAID)


def report_of(source: str, at: datetime) -> Report:
    """What the source tells."""
    items = tuple(_seen(each) for each in company.things() if each.source == source)
    told = {item.ref for item in items}
    ties = [each for each in company.ties() if each.source == source]
    ends = {end for tie in ties for end in (tie.start, tie.end) if _ref(end) not in told}
    mentioned = tuple(SeenItem(_ref(end), end[0], end[1], mentioned=True) for end in sorted(ends))
    links = tuple(SeenLink(tie.kind, _ref(tie.start), _ref(tie.end), tie.group, tie.needed) for tie in ties)
    return Report(FORMS[source], at, (*items, *mentioned), links, scopes=(EVERYTHING,))


def _seen(thing: company.Thing) -> SeenItem:
    keys = dict(thing.keys)
    ref = _ref((thing.kind, keys.get("purl", thing.name)))
    return SeenItem(ref, thing.kind, thing.name, thing.keys, dict(thing.facts))


def _ref(named: Named) -> str:
    return f"{named[0]}:{named[1]}"
