"""A bill of materials as the estate takes in what sources tell."""

from __future__ import annotations

from datetime import datetime

from towpath.estate.bills import Bill
from towpath.estate.sources.report import EVERYTHING, Report, SeenItem, SeenLink


def report_of(bill: Bill, holder: str, at: datetime) -> Report:
    """Each part with a package URL is a library that `holder` ("application:shop") holds, as of `at`."""
    kind, _colon, name = holder.partition(":")
    items, links, doubts = [SeenItem(holder, kind, name, mentioned=True)], [], list(bill.doubts)
    for part in bill.parts:
        if not part.purl:
            doubts.append(f"{part.name} {part.version}: it has no package URL and was left out.")
            continue
        facts = {"version": str(part.version), "licence": ", ".join(part.licences)}
        told = {field: text for field, text in facts.items() if text}
        purl, shown = str(part.purl), str(part.name)
        items.append(SeenItem(purl, "library", shown, (("purl", purl),), told))
        links.append(SeenLink("part_of", purl, holder))
    return Report("sbom", at, tuple(items), tuple(links), (EVERYTHING,), tuple(doubts))
