"""How often an item does not work, given how often each item fails by itself; and the inverse: how often the
parts may fail.

Exact by a decision diagram (Bryant 1986) of the structure function, so that a part used twice counts once.
Single points are taken out first: they multiply. Where the rest is too large it is drawn, with Wilson's
interval.

Common cause: a share b of a group's failures hits all its members at once (beta factor; Fleming 1975): each
member fails alone by (1 - b) of its own unavailability, and all of them together by b of their mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from towpath.analytics.intervals import wilson
from towpath.analytics.kernels.compiling import read_only
from towpath.analytics.kernels.falling import sample_falls
from towpath.analytics.structure import Structure, beneath, single_points

Float = npt.NDArray[np.float64]
MOST_ITEMS, MOST_NODES = 300, 60_000
FEWEST_DRAWS, DRAWS, MOST_FAILURES, SEED = 10_000, 200_000, 25_000, 20_261_123
"""Between so many draws, and so few that about so many failures of parts are drawn: these take the time."""


@dataclass(frozen=True)
class Unavailability:
    """Share of time in which an item does not work. `exact`: computed; else drawn, with a 95 % interval."""

    estimate: float
    low: float
    high: float
    exact: bool


class TooLargeError(Exception):
    """The diagram has more nodes than it may have."""


def unavailability(structure: Structure, item: int, own: npt.ArrayLike) -> Unavailability:
    """Of `item`, where `own` (float64[size], 0 to 1) is each item's own share of time in which it does not
    work.

    Raises ValueError for shares that are none.
    """
    parts = _parts(structure, item, own)
    counting = int(np.count_nonzero(parts.rest))
    try:
        if counting + len(parts.shocks) > MOST_ITEMS:
            raise TooLargeError
        share = _Diagram(structure, parts).probability(item)
        whole = 1.0 - parts.up * (1.0 - share)
        return Unavailability(whole, whole, whole, exact=True)
    except TooLargeError:
        failures = float(parts.rest.sum()) + sum(share * len(struck) for share, struck in parts.shocks)
        draws = DRAWS if failures <= 0 else int(MOST_FAILURES / failures)
        return _drawn(structure, item, parts, max(FEWEST_DRAWS, min(DRAWS, draws)))


def drawn(structure: Structure, item: int, own: npt.ArrayLike, draws: int) -> Unavailability:
    """As `unavailability`, always drawn, so many times."""
    return _drawn(structure, item, _parts(structure, item, own), draws)


def allowed_each(whole: float, members: int, needed: int, common: float = 0.0) -> float:
    """The unavailability that each of `members` alike may have, where `needed` of them must work and the
    group may be unavailable for the share `whole`. `common`: share of failures that hit all.

    Solves common * e + P(more than members - needed of them fail, each by (1 - common) * e) = whole. Raises
    ValueError for what cannot be.
    """
    if not (0 < whole < 1 and 1 <= needed <= members and 0 <= common <= 1):
        raise ValueError("Allowed unavailability: shares between 0 and 1, and from 1 to all are needed.")
    if needed == members and common == 0.0:
        return -math.expm1(math.log1p(-whole) / members)

    def beyond(each: float) -> float:
        fails = stats.binom.sf(members - needed, members, (1 - common) * each)
        return float(common * each + fails - whole)

    return float(optimize.brentq(beyond, 0.0, 1.0, xtol=1e-15, rtol=1e-12)) if beyond(1.0) > 0 else 1.0


Shock = tuple[float, tuple[int, ...]]
"""How often it strikes, and whom."""


@dataclass(frozen=True, eq=False)
class _Parts:
    """`inside`: the items beneath. `up`: how often all single points work. `rest`, by item: how often it
    fails alone, 0 for single points and all that is not inside."""

    inside: npt.NDArray[np.int64]
    up: float
    rest: Float
    shocks: list[Shock]


def _parts(structure: Structure, item: int, own: npt.ArrayLike) -> _Parts:
    shares = np.asarray(own, np.float64)
    if shares.shape != (structure.size,) or not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError("Unavailability: one share from 0 to 1 for each item.")
    inside = np.flatnonzero(beneath(structure, item) >= 0)
    alone, shocks = _split(structure, inside, shares)
    single, _whole = single_points(structure, item)
    rest = np.zeros(structure.size)
    rest[inside] = alone[inside]
    rest[single] = 0.0
    return _Parts(inside, float(np.prod(1.0 - alone[single])), rest, shocks)


def _split(structure: Structure, inside: npt.NDArray[np.int64], own: Float) -> tuple[Float, list[Shock]]:
    """Each item's unavailability without what it has in common with others, and these common failures. An
    item in several groups gives each its share of what is left."""
    alone, shocks = own.copy(), []
    mine = np.zeros(structure.size, np.bool_)
    mine[inside] = True
    for group in np.flatnonzero((structure.common > 0) & mine[structure.owner]).tolist():
        members = structure.members[structure.starts[group] : structure.starts[group + 1]]
        common = float(structure.common[group])
        shocks.append((common * float(alone[members].mean()), tuple(members.tolist())))
        alone[members] *= 1 - common
    return alone, shocks


def _drawn(structure: Structure, item: int, parts: _Parts, draws: int) -> Unavailability:
    counting = np.flatnonzero(parts.rest)
    sizes = np.cumsum([0, *(len(members) for _share, members in parts.shocks)])
    struck = [member for _share, members in parts.shocks for member in members]
    falls = sample_falls(
        item,
        read_only(counting, np.int32),
        read_only(parts.rest[counting], np.float64),
        read_only(np.asarray(struck, np.int64), np.int64),
        read_only(sizes, np.int64),
        read_only(np.asarray([share for share, _members in parts.shocks], np.float64), np.float64),
        structure.owner,
        structure.spare,
        structure.in_starts,
        structure.in_groups,
        draws,
        SEED,
    )
    low, high = map(float, wilson(falls, draws))
    least, estimate, most = (1.0 - parts.up * (1.0 - each) for each in (low, falls / draws, high))
    return Unavailability(estimate, least, most, exact=False)


class _Diagram:
    """A binary decision diagram of "it does not work". Nodes 0 (false) and 1 (true), then (variable, if not,
    if); a node's children come before it."""

    def __init__(self, structure: Structure, parts: _Parts) -> None:
        self.structure = structure
        self.inside = [int(each) for each in parts.inside]
        self.chances: list[float] = []
        self.nodes: list[tuple[int, int, int]] = [(1 << 40, 0, 0), (1 << 40, 1, 1)]
        self.known: dict[tuple[int, int, int], int] = {}
        self.chosen: dict[tuple[int, int, int], int] = {}
        self.own = {each: self._variable(float(parts.rest[each])) for each in self.inside}
        for share, members in parts.shocks:
            struck = self._variable(share)
            for member in members:
                self.own[member] = self.choose(struck, 1, self.own[member])

    def _variable(self, chance: float) -> int:
        if chance <= 0.0:
            return 0
        self.chances.append(chance)
        return self.node(len(self.chances) - 1, 0, 1)

    def node(self, variable: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (variable, low, high)
        if key not in self.known:
            if len(self.nodes) >= MOST_NODES:
                raise TooLargeError
            self.known[key] = len(self.nodes)
            self.nodes.append(key)
        return self.known[key]

    def choose(self, condition: int, yes: int, no: int) -> int:
        """The node of "if condition then yes else no"."""
        if condition < 2:
            return yes if condition else no
        if yes == no:
            return yes
        key = (condition, yes, no)
        if key not in self.chosen:
            variable = min(self.nodes[each][0] for each in key)
            low, high = (
                self.choose(*(self._branch(each, variable, side) for each in key)) for side in (1, 2)
            )
            self.chosen[key] = self.node(variable, low, high)
        return self.chosen[key]

    def _branch(self, node: int, variable: int, side: int) -> int:
        return self.nodes[node][side] if self.nodes[node][0] == variable else node

    def probability(self, item: int) -> float:
        """That the item does not work: functions are widened until none changes, circles included."""
        fails = dict(self.own)
        for _turn in range(len(self.inside) + 1):
            before = dict(fails)
            for each in reversed(self.inside):
                fails[each] = self._fails(each, fails)
            if fails == before:
                break
        return self._share(fails[item])

    def _fails(self, item: int, fails: dict[int, int]) -> int:
        s = self.structure
        found = self.own[item]
        for group in range(int(s.of_starts[item]), int(s.of_starts[item + 1])):
            members = s.members[s.starts[group] : s.starts[group + 1]]
            found = self.choose(
                found, 1, self._at_least([fails[int(m)] for m in members], int(s.spare[group]) + 1)
            )
        return found

    def _at_least(self, events: list[int], wanted: int) -> int:
        """That at least so many of them happen."""
        reached = [1] + [0] * wanted
        for event in events:
            for count in range(wanted, 0, -1):
                reached[count] = self.choose(event, reached[count - 1], reached[count])
        return reached[wanted]

    def _share(self, node: int) -> float:
        shares = [0.0, 1.0]
        for variable, low, high in self.nodes[2:]:
            chance = self.chances[variable]
            shares.append((1 - chance) * shares[low] + chance * shares[high])
        return shares[node]
