"""Everything that could decide whose some identifiers are, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from towpath.customers.joining.observing import ASKED_AT_ONCE, batches
from towpath.customers.models import Decision, Identifier, Link, OpenForgetting, Said
from towpath.customers.rules.resolving import Node, Verdict


@dataclass(frozen=True)
class Row:
    """An identifier, as it is kept."""

    key: int
    kind: str
    normalised: str
    customer: int | None
    proxy: str

    @property
    def shared(self) -> bool | None:
        return None if self.proxy == Identifier.Proxy.CLEARED else self.proxy != Identifier.Proxy.NO

    @property
    def node(self) -> Node:
        return Node(self.key, self.kind, self.normalised, self.shared)


@dataclass
class Neighbourhood:
    """Identifiers by key; pairs that were seen together; what people said about them and still holds."""

    rows: dict[int, Row] = field(default_factory=dict)
    ties: set[tuple[int, int]] = field(default_factory=set)
    decisions: dict[int, Verdict] = field(default_factory=dict)

    @property
    def nodes(self) -> list[Node]:
        return [row.node for row in self.rows.values()]


def around(keys: Collection[int]) -> Neighbourhood:
    """What hangs together with these identifiers, by sightings or decisions, over any number of steps.

    What is known to be shared is not passed through: it joins nothing. Whoever is being forgotten is left
    out: nobody becomes one with them.
    """
    found, gone = Neighbourhood(), OpenForgetting.all_keys()
    frontier = set(keys)
    while frontier:
        fresh = _fetch(found, frontier - gone, gone)
        open_ones = [row.key for row in fresh if not row.shared]
        found.ties |= (ties := _ties(open_ones))
        frontier = {key for pair in ties for key in pair}
        frontier |= _hear(found, [row.key for row in fresh])
        frontier -= found.rows.keys()
    return found


def _fetch(found: Neighbourhood, keys: Iterable[int], gone: Collection[int]) -> list[Row]:
    """The identifiers with these keys, and the other spellings of each."""
    columns = ("key", "kind", "normalised", "customer_id", "proxy")
    fresh: dict[int, Row] = {}
    for some in batches(keys, ASKED_AT_ONCE):
        asked = [Row(*row) for row in Identifier.objects.filter(pk__in=some).values_list(*columns)]
        units = {(row.kind, row.normalised) for row in asked}
        spellings = Identifier.objects.filter(normalised__in={spelling for _kind, spelling in units})
        alike = (Row(*row) for row in spellings.values_list(*columns))
        for row in (*asked, *(row for row in alike if (row.kind, row.normalised) in units)):
            if row.key not in found.rows and row.key not in gone:
                fresh[row.key] = row
    found.rows |= fresh
    return list(fresh.values())


def _ties(keys: Iterable[int]) -> set[tuple[int, int]]:
    ties: set[tuple[int, int]] = set()
    for some in batches(keys, ASKED_AT_ONCE):
        ties.update(Link.objects.filter(a__in=some).values_list("a_id", "b_id"))
        ties.update(Link.objects.filter(b__in=some).values_list("a_id", "b_id"))
    return ties


def _hear(found: Neighbourhood, keys: Iterable[int]) -> set[int]:
    """Add the decisions about these identifiers; returns all identifiers that they name."""
    fresh: set[int] = set()
    for some in batches(keys, ASKED_AT_ONCE):
        held = Said.objects.filter(identifier__in=some, decision__undone_at=None)
        fresh.update(held.values_list("decision_id", flat=True))
    fresh -= found.decisions.keys()
    sides: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    named: set[int] = set()
    for few in batches(sorted(fresh), ASKED_AT_ONCE):
        parts = Said.objects.filter(decision__in=few).values_list("decision_id", "identifier_id", "side")
        for decision, identifier, side in parts:
            sides[decision][side].add(identifier)
            named.add(identifier)
        for decision, verdict in Decision.objects.filter(pk__in=few).values_list("pk", "verdict"):
            left, right = sides[decision]
            together = verdict == Decision.Verdict.TOGETHER
            found.decisions[decision] = Verdict(together, frozenset(left), frozenset(right))
    return named
