"""Links as a source tells them: put in, kept, ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from towpath.estate.joining.telling import ROWS
from towpath.estate.models import Discovery, Link
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.sources.report import SeenLink

Ends = tuple[int, int, str]
"""Items from and to, and the kind."""


def fit(link: SeenLink, refs: dict[str, int], rules: EstateRules) -> tuple[Ends | None, str]:
    """The link between items, or None and why not."""
    told = "" if link.line is None else f"line {link.line:,}: "
    if link.kind not in rules.links:
        return None, f"{told}{link.kind[:60]!r} is no kind of link; known are {', '.join(rules.links)}."
    for ref in (link.start, link.end):
        if ref not in refs:
            return None, f"{told}the link leads to {ref[:100]!r}, which nobody has told of."
    start, end = refs[link.start], refs[link.end]
    if start == end:
        return None, f"{told}the link of {link.start[:100]!r} leads to itself."
    if link.needed is not None and link.needed < 1:
        return None, f"{told}of a group at least 1 is needed."
    return (start, end, link.kind), ""


def note_links(links: dict[Ends, SeenLink], discovery: Discovery) -> None:
    """Put in what is new or different, and keep the rest. Within a transaction."""
    at, source = discovery.at, discovery.source
    starts = {start for start, _end, _kind in links}
    standing = {
        (row.start_id, row.end_id, row.kind): row
        for row in Link.objects.filter(start__in=starts, source=source, until=None)
    }
    same: list[int] = []
    other: list[int] = []
    for ends, link in links.items():
        row = standing.get(ends)
        if row is not None:
            alike = (row.group, row.needed, row.common) == (link.group, link.needed, link.common)
            (same if alike else other).append(row.pk)
    Link.objects.filter(pk__in=same, last_seen__lt=at).update(last_seen=at)
    Link.objects.filter(pk__in=other).update(until=at)
    kept = {ends for ends, row in standing.items() if row.pk in set(same)}
    Link.objects.bulk_create(
        (_row(ends, link, discovery) for ends, link in links.items() if ends not in kept), batch_size=ROWS
    )


def end_links(told: Iterable[int], links: Collection[Ends], discovery: Discovery) -> int:
    """End the source's links that begin at items which it told of in whole, and which it names no more."""
    stale = [
        row.pk
        for row in Link.objects.filter(
            start__in=told, source=discovery.source, until=None, last_seen__lt=discovery.at
        )
        if (row.start_id, row.end_id, row.kind) not in links
    ]
    return Link.objects.filter(pk__in=stale).update(until=discovery.at)


def end_links_of_missing(items: Collection[int], discovery: Discovery) -> int:
    """End the source's links to and from items that it sees no more: it says nothing of them any more."""
    touching = Q(start__in=items) | Q(end__in=items)
    return Link.objects.filter(touching, source=discovery.source, until=None).update(until=discovery.at)


def _row(ends: Ends, link: SeenLink, discovery: Discovery) -> Link:
    start, end, kind = ends
    return Link(
        kind=kind,
        start_id=start,
        end_id=end,
        source=discovery.source,
        group=link.group[:100],
        needed=link.needed,
        common=link.common,
        first_seen=discovery.at,
        last_seen=discovery.at,
    )
