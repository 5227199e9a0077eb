"""A report goes into the records, a batch at a time: no transaction holds the records for long, and one that
was cut off is healed by giving the report again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from towpath.estate.joining.identifying import identify
from towpath.estate.joining.linking import Ends, end_links, end_links_of_missing, fit, note_links
from towpath.estate.joining.mentions import find_mentions
from towpath.estate.joining.settling import settle
from towpath.estate.joining.telling import ROWS, note_changes, note_facts, note_sightings
from towpath.estate.models import Change, Discovery, Item, Sighting
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.rules.scopes import covering
from towpath.estate.sources.report import Report, SeenItem, SeenLink

BATCH = 200
MOST_DOUBTS = 200
T = TypeVar("T")


class Taking:
    """One report on its way in. `run` may be called once."""

    def __init__(self, discovery: Discovery, report: Report, rules: EstateRules) -> None:
        self.discovery, self.report, self.rules = discovery, report, rules
        self.refs: dict[str, int] = {}
        self.told: set[int] = set()
        self.late: set[int] = set()
        self.new = self.gone = self.changed = self.linked = 0
        self.doubts = list(report.doubts)

    def run(self) -> Discovery:
        for batch in _batches([each for each in self.report.items if not each.mentioned], BATCH):
            with transaction.atomic():
                self._items(batch)
        mentioned = [each for each in self.report.items if each.mentioned]
        found, doubts = find_mentions(mentioned, self.rules)
        self.refs |= found
        self.doubts += doubts
        links = self._links()
        self.linked = len(links)
        for some in _batches(list(links.items()), ROWS):
            with transaction.atomic():
                note_links(dict(some), self.discovery)
        for items in _batches(sorted(self.told - self.late), ROWS):
            with transaction.atomic():
                end_links(items, links.keys(), self.discovery)
        self._missing()
        return self._finish()

    def _items(self, batch: Sequence[SeenItem]) -> None:
        identified = identify(batch, self.discovery, self.rules)
        self.doubts += identified.doubts
        told: dict[int, SeenItem] = {}
        for seen, item in zip(batch, identified.items, strict=True):
            if item is None:
                continue
            self.refs[seen.ref] = item
            told[item] = _both(told[item], seen) if item in told else seen
        back, late = note_sightings(told, self.discovery)
        self.late |= late
        current = {item: seen for item, seen in told.items() if item not in late}
        changed = note_facts(current, self.discovery, self.report, identified.new)
        note_changes([*identified.changes, *back, *changed])
        self.told |= set(told)
        self.new += len(identified.new)
        self.changed += len({change.item_id for change in changed})
        passed = {change.item_id for change in identified.changes}
        settle({*told, *passed}, self.rules)

    def _links(self) -> dict[Ends, SeenLink]:
        links: dict[Ends, SeenLink] = {}
        for link in self.report.links:
            ends, why = fit(link, self.refs, self.rules)
            if ends is None:
                self.doubts.append(why)
            else:
                links[ends] = link
        return links

    def _missing(self) -> None:
        """What the source saw where it looked, and sees no more."""
        if not self.report.scopes:
            return
        covers = covering(self.report.scopes)
        before = Sighting.objects.filter(
            source=self.discovery.source, missing_since=None, last_seen__lt=self.discovery.at
        ).values_list("pk", "item_id", "scope")
        missing = [(pk, item) for pk, item, scope in before if item not in self.told and covers(scope)]
        self.gone = len(missing)
        for some in _batches(missing, BATCH):
            with transaction.atomic():
                Sighting.objects.filter(pk__in=[pk for pk, _item in some]).update(
                    missing_since=self.discovery.at
                )
                note_changes(
                    Change(discovery=self.discovery, item_id=item, what=Change.What.GONE)
                    for _pk, item in some
                )
                end_links_of_missing([item for _pk, item in some], self.discovery)
                settle({item for _pk, item in some}, self.rules)

    def _finish(self) -> Discovery:
        found = self.discovery
        if self.late:
            self.doubts.append(f"{len(self.late)} items were told of later already: that stays as it is.")
        found.items, found.links = len(self.told), self.linked
        found.new, found.gone, found.changed = self.new, self.gone, self.changed
        found.doubts = self.doubts[:MOST_DOUBTS]
        found.finished_at = timezone.now()
        found.save()
        return found


def settle_all(rules: EstateRules) -> None:
    """Write anew what follows for all items, as after other rules came into force."""
    for some in _batches(list(Item.objects.order_by("pk").values_list("pk", flat=True)), BATCH):
        with transaction.atomic():
            settle(some, rules)


def _both(first: SeenItem, second: SeenItem) -> SeenItem:
    """One item that the report names twice: what the first says holds, the second adds to it."""
    return SeenItem(
        ref=first.ref,
        kind=first.kind,
        name=first.name,
        keys=(*first.keys, *second.keys),
        facts={**second.facts, **first.facts},
        place=first.place or second.place,
        line=first.line,
    )


def _batches(rows: Sequence[T], size: int) -> Iterator[list[T]]:
    walked = iter(rows)
    while batch := list(islice(walked, size)):
        yield batch
