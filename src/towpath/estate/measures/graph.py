"""The estate as a structure: who needs whom, kept in memory until something changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt
from django.db.models import Max

from towpath.analytics.structure import Needs, Structure, structure_of
from towpath.estate.models import Decision, Discovery, EstateRulesVersion, Fact, Item, Link
from towpath.estate.rules.ruling import EstateRules

Int = npt.NDArray[np.int64]
Revision = tuple[object, ...]
SHARE = "unavailability"
"""The fact that says in which share of time an item does not work by itself."""


@dataclass(frozen=True, eq=False)
class Graph:
    """`ids`: of the items, ascending; an item's place in it is its number in `structure`. `kinds`: places in
    `kind_names`. `own`: share of time in which each does not work by itself; `assumed`: where only the rules
    say it."""

    ids: Int
    kinds: npt.NDArray[np.int16]
    kind_names: tuple[str, ...]
    structure: Structure
    own: npt.NDArray[np.float64]
    assumed: npt.NDArray[np.bool_]

    def place_of(self, item: int) -> int | None:
        place = int(np.searchsorted(self.ids, item))
        return place if place < self.ids.size and self.ids[place] == item else None

    def count_kinds(self, places: Int) -> Counter[str]:
        counts = np.bincount(self.kinds[places], minlength=len(self.kind_names))
        return Counter({name: int(n) for name, n in zip(self.kind_names, counts, strict=True) if n})


_kept: list[tuple[Revision, Graph]] = []
_building = Lock()


def graph(rules: EstateRules) -> Graph:
    """As the records have it now. Built anew after a change: some seconds for a million links."""
    now = (*revision(), id(rules))
    with _building:
        if not _kept or _kept[0][0] != now:
            _kept[:] = [(now, build(rules))]
        return _kept[0][1]


def revision() -> Revision:
    """Another one after each change of the estate."""
    seen = Discovery.objects.aggregate(Max("pk"), Max("finished_at"))
    decided = Decision.objects.aggregate(Max("pk"), Max("undone_at"))
    return (*seen.values(), *decided.values(), EstateRulesVersion.objects.count())


def build(rules: EstateRules) -> Graph:
    """From the records."""
    rows = list(Item.objects.filter(merged_into=None).order_by("pk").values_list("pk", "kind"))
    ids = np.fromiter((pk for pk, _kind in rows), np.int64, len(rows))
    names = tuple(sorted({kind for _pk, kind in rows}))
    place = {name: at for at, name in enumerate(names)}
    kinds = np.fromiter((place[kind] for _pk, kind in rows), np.int16, len(rows))
    own = np.asarray([rules.unavailability.get(name, 0.0) for name in names])[kinds] if rows else np.zeros(0)
    assumed = np.ones(len(rows), np.bool_)
    for item, share in _told_shares():
        at = int(np.searchsorted(ids, item))
        if at < ids.size and ids[at] == item:
            own[at], assumed[at] = share, False
    return Graph(ids, kinds, names, structure_of(len(rows), _needs(ids, rules)), own, assumed)


def _told_shares() -> list[tuple[int, float]]:
    """What sources say, the latest last."""
    found = []
    rows = Fact.objects.filter(field=SHARE, until=None).order_by("last_seen").values_list("item_id", "value")
    for item, value in rows:
        try:
            share = float(value)
        except ValueError:
            continue
        if 0.0 <= share <= 1.0:
            found.append((item, share))
    return found


def _needs(ids: Int, rules: EstateRules) -> Needs:
    """The rows of all links that stand. A link that is told with its group holds before the same one told
    without: who does not know of the redundancy does not deny it."""
    fields = ("start_id", "end_id", "kind", "group", "needed", "common")
    rows = list(Link.objects.filter(until=None).values_list(*fields))
    turned = {kind for kind, each in rules.links.items() if each.needs == "end"}
    item = np.fromiter((row[row[2] in turned] for row in rows), np.int64, len(rows))
    member = np.fromiter((row[row[2] not in turned] for row in rows), np.int64, len(rows))
    labels: dict[str, int] = {}
    group = np.fromiter(
        (labels.setdefault(row[3], len(labels)) if row[3] else -1 for row in rows), np.int64, len(rows)
    )
    needed = np.fromiter((row[4] or 1 for row in rows), np.int64, len(rows))
    common = np.fromiter((row[5] for row in rows), np.float64, len(rows))
    known = np.isin(item, ids) & np.isin(member, ids) & (item != member)
    order = np.lexsort((group < 0, member, item))
    order = order[known[order]]
    again = np.zeros(order.size, np.bool_)
    again[1:] = (item[order][1:] == item[order][:-1]) & (member[order][1:] == member[order][:-1])
    order = order[~(again & (group[order] < 0))]
    return Needs(
        np.searchsorted(ids, item[order]),
        np.searchsorted(ids, member[order]),
        group[order],
        needed[order],
        common[order],
    )
