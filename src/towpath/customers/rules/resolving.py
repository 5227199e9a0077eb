"""Which identifiers are one customer's. Pure, and the same in whatever order the evidence came.

Identifiers in one spelling are one *unit*. What a person said holds first. Then ties are looked at by their
confidence, the surest first, all of equal confidence at once: within what they connect, two accounts (or what
a person told apart) must not come together. What lies between two such sides is joined to neither: that is a
doubt, for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from towpath.customers.rules.document import LinkRules

Reason = Literal["contested", "unsure", "accounts"]
Unit = tuple[str, str]
"""Kind and value in its one spelling."""


@dataclass(frozen=True)
class Node:
    """An identifier. `shared`: marked as a proxy (by a rule earlier, or by a person); None where a person
    said that it is none."""

    key: int
    kind: str
    normalised: str
    shared: bool | None = False

    @property
    def unit(self) -> Unit:
        return self.kind, self.normalised


@dataclass(frozen=True)
class Verdict:
    """What a person said: all of `left` and `right` are one customer's (`together`), or none of `left` is
    one with any of `right`."""

    together: bool
    left: frozenset[int]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Doubt:
    """A question for a person: is the customer `subject` one with any of `candidates` (keys of customers)?

    contested: it could be either, not both; unsure: the evidence is too weak to join; accounts: each has an
    account of its own.
    """

    subject: int
    candidates: tuple[int, ...]
    reason: Reason
    confidence: float


@dataclass(frozen=True)
class Resolution:
    """`customer_of`: key of each identifier -> key of its customer. `shared`: proxies, which join nothing."""

    customer_of: Mapping[int, int]
    shared: frozenset[int]
    doubts: tuple[Doubt, ...]


def resolve(
    nodes: Sequence[Node], ties: Iterable[tuple[int, int]], verdicts: Sequence[Verdict], rules: LinkRules
) -> Resolution:
    """Who is who, among identifiers, pairs of them that were seen together, and what people said.

    Every identifier that a tie or a verdict names should be among the nodes: others are left out.
    """
    work = _Work(nodes, rules)
    edges = work.edges(ties)
    work.mark_shared(edges)
    work.hear(verdicts)
    edges = {pair: sure for pair, sure in edges.items() if not work.shared & set(pair)}
    for level in sorted({sure for sure in edges.values() if sure >= rules.join}, reverse=True):
        work.join([pair for pair, sure in sorted(edges.items()) if sure == level], level)
    for pair, sure in sorted(edges.items(), key=lambda edge: (-edge[1], edge[0])):
        if sure < rules.join:
            work.doubt_pair(*pair, sure)
    return work.done()


class _Work:
    """Units in clusters that grow. A cluster is named by one of its units (its root)."""

    def __init__(self, nodes: Sequence[Node], rules: LinkRules) -> None:
        self.rules = rules
        self.unit_of = {node.key: node.unit for node in nodes}
        self.keys: dict[Unit, list[int]] = defaultdict(list)
        for node in nodes:
            self.keys[node.unit].append(node.key)
        self.cleared = {node.unit for node in nodes if node.shared is None}
        self.shared = {node.unit for node in nodes if node.shared} - self.cleared
        self.parent = {unit: unit for unit in self.keys}
        self.anchored = {unit for unit in self.keys if rules.kind_of(unit[0]).anchor}
        self.marks: dict[Unit, set[tuple[int, int]]] = defaultdict(set)
        self.said = 0
        self.found: list[tuple[Unit, tuple[Unit, ...], Reason, float]] = []

    def root(self, unit: Unit) -> Unit:
        while (above := self.parent[unit]) != unit:
            self.parent[unit] = unit = self.parent[above]
        return unit

    def edges(self, ties: Iterable[tuple[int, int]]) -> dict[tuple[Unit, Unit], float]:
        """Confidence of each pair of units that some rule speaks of."""
        found = {}
        known = cache(self.rules.confidence)
        for a, b in ties:
            one, other = self.unit_of.get(a), self.unit_of.get(b)
            if one is None or other is None or one == other:
                continue
            sure = known(one[0], other[0])
            if sure >= self.rules.ask:
                found[min(one, other), max(one, other)] = sure
        return found

    def mark_shared(self, edges: Iterable[tuple[Unit, Unit]]) -> None:
        """Only what an identifier was itself seen with counts: so more evidence never takes the mark away."""
        seen: dict[Unit, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for one, other in edges:
            seen[one][other[0]].add(other[1])
            seen[other][one[0]].add(one[1])
        for unit, by_kind in seen.items():
            kind = self.rules.kind_of(unit[0])
            if kind.anchor or unit in self.cleared:
                continue
            anchors = sum(len(those) for name, those in by_kind.items() if self.rules.kind_of(name).anchor)
            crowd = max(
                (len(those) for name, those in by_kind.items() if not self.rules.kind_of(name).passing),
                default=0,
            )
            if anchors > kind.accounts or crowd > kind.neighbours:
                self.shared.add(unit)

    def hear(self, verdicts: Sequence[Verdict]) -> None:
        """What people said comes before all evidence. Joined and told apart, they are joined."""
        for verdict in verdicts:
            sides = [
                sorted({self.unit_of[key] for key in side if key in self.unit_of} - self.shared)
                for side in (verdict.left, verdict.right)
            ]
            if verdict.together:
                both = [*sides[0], *sides[1]]
                for unit in both[1:]:
                    self.unite(both[0], unit)
            else:
                self.tell_apart(sides[0], sides[1])

    def tell_apart(self, left: Iterable[Unit], right: Iterable[Unit]) -> None:
        for side, units in enumerate((left, right)):
            for unit in units:
                self.marks[self.root(unit)].add((self.said, side))
        self.said += 1

    def unite(self, one: Unit, other: Unit) -> None:
        one, other = self.root(one), self.root(other)
        if one == other:
            return
        kept, gone = min(one, other), max(one, other)
        self.parent[gone] = kept
        self.marks[kept] |= self.marks.pop(gone, set())
        if gone in self.anchored:
            self.anchored.add(kept)

    def forbidden(self, one: Unit, other: Unit) -> Literal["", "told", "accounts"]:
        """Whether two clusters must not come together, and by whose word."""
        opposite = {(said, 1 - side) for said, side in self.marks.get(one, ())}
        if opposite & self.marks.get(other, set()):
            return "told"
        return "accounts" if one in self.anchored and other in self.anchored else ""

    def join(self, pairs: Iterable[tuple[Unit, Unit]], sure: float) -> None:
        """All ties of one confidence at once."""
        beside: dict[Unit, set[Unit]] = defaultdict(set)
        for pair in pairs:
            one, other = (self.root(unit) for unit in pair)
            if one == other:
                continue
            if self.forbidden(one, other):
                self.doubt_pair(one, other, sure)
            else:
                beside[one].add(other)
                beside[other].add(one)
        for part in _connected(beside, beside):
            self._join_part(part, beside, sure)

    def _join_part(self, part: list[Unit], beside: Mapping[Unit, set[Unit]], sure: float) -> None:
        sides = self._sides(part)
        if not sides:
            for unit in part[1:]:
                self.unite(part[0], unit)
            return
        between = [unit for unit in part if unit not in sides]
        doubts: list[tuple[Unit, tuple[Unit, ...], Reason]] = [
            (one, (other,), "unsure")
            for one in sorted(sides)
            for other in sorted(beside[one] & sides)
            if one < other
        ]
        for group in _connected(between, {unit: beside[unit] - sides for unit in between}):
            touched = sorted({side for unit in group for side in beside[unit] & sides})
            for unit in group[1:]:
                self.unite(group[0], unit)
            if len(touched) == 1:
                self.unite(group[0], touched[0])
            else:
                doubts.append((group[0], tuple(touched), "contested"))
        for subject, candidates, reason in doubts:
            self.found.append((subject, candidates, reason, sure))
            self.tell_apart([subject], candidates)

    def _sides(self, part: Sequence[Unit]) -> set[Unit]:
        """The clusters that must not come together with another one of the part."""
        anchored = [unit for unit in part if unit in self.anchored]
        sides = set(anchored) if len(anchored) > 1 else set()
        marked: dict[int, tuple[set[Unit], set[Unit]]] = defaultdict(lambda: (set(), set()))
        for unit in part:
            for said, side in self.marks.get(unit, ()):
                marked[said][side].add(unit)
        for left, right in marked.values():
            if left and right:
                sides |= left | right
        return sides

    def doubt_pair(self, one: Unit, other: Unit, sure: float) -> None:
        """A tie too weak to join, or against the rule that accounts stay apart. What was decided is not
        asked."""
        one, other = self.root(one), self.root(other)
        if one == other or (why := self.forbidden(one, other)) == "told":
            return
        self.found.append((min(one, other), (max(one, other),), "accounts" if why else "unsure", sure))
        self.tell_apart([one], [other])

    def done(self) -> Resolution:
        members: dict[Unit, list[Unit]] = defaultdict(list)
        for unit in self.keys:
            members[self.root(unit)].append(unit)
        named = {root: self._name(units) for root, units in members.items()}
        customer_of = {key: named[self.root(unit)] for key, unit in self.unit_of.items()}
        passing = {root for root, units in members.items() if all(map(self._passes, units))}
        doubts: dict[tuple[int, ...], Doubt] = {}
        for one, others, reason, sure in self.found:
            roots = {self.root(one), *(self.root(unit) for unit in others)} - passing
            if self.root(one) in passing or len(roots) < 2:
                continue  # whose a moment was is nothing to ask a person
            keys = sorted(named[root] for root in roots)
            subject = named[self.root(one)] if len(keys) > 2 else keys[0]
            keys.remove(subject)
            doubts.setdefault((subject, *keys), Doubt(subject, tuple(keys), reason, sure))
        shared = frozenset(key for unit in self.shared for key in self.keys[unit])
        return Resolution(customer_of, shared, tuple(doubts[each] for each in sorted(doubts)))

    def _passes(self, unit: Unit) -> bool:
        return self.rules.kind_of(unit[0]).passing

    def _name(self, units: Iterable[Unit]) -> int:
        """The key of the identifier that names a customer best: by the order of kinds in the rules."""
        order = {kind: place for place, kind in enumerate(self.rules.kinds)}
        best = min(units, key=lambda unit: (order.get(unit[0], len(order)), unit))
        return min(self.keys[best])


def _connected(units: Iterable[Unit], beside: Mapping[Unit, set[Unit]]) -> list[list[Unit]]:
    """Parts that hang together, each sorted, in the order of their first."""
    seen: set[Unit] = set()
    parts = []
    for start in sorted(units):
        if start in seen:
            continue
        seen.add(start)
        part, waiting = [], [start]
        while waiting:
            unit = waiting.pop()
            part.append(unit)
            more = beside[unit] - seen
            seen |= more
            waiting += more
        parts.append(sorted(part))
    return parts
