"""Variants: the sequences of activities that cases go through, and how many cases share each.

Only recognised events count; an event that is several activities goes by the one with the lowest bit. An
entity without any activity is no case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Int32, Int64, UInt8, UInt64
from towpath.analytics.kernels.interning import in_parts, intern, number_all, spell
from towpath.analytics.kernels.parts import kinds_of, one_spec, sum_known, tied_entities
from towpath.analytics.sequences import NONE, Sequences

ALL = (1 << 64) - 1
PART, MOST_BITS = 1 << 15, 6
"""The table that tells so many sequences apart fills the processor's own cache: more are looked at in
parts."""


@dataclass(frozen=True)
class VariantsSpec:
    """`of`: mask of the activities to look at. `collapse`: an activity that repeats itself stands once."""

    of: int = ALL
    collapse: bool = False


@dataclass(frozen=True, eq=False)
class Distinct:
    """Different sequences: symbols (bits) one after the other, variant i at offsets[i] to offsets[i + 1]."""

    symbols: UInt8
    offsets: Int64
    hashes: UInt64

    def steps(self, variant: int) -> bytes:
        """The bits of one variant, in order."""
        return self.symbols[self.offsets[variant] : self.offsets[variant + 1]].tobytes()


@dataclass(frozen=True, eq=False)
class VariantsPartial:
    """What parts of the entities contribute."""

    spec: VariantsSpec
    activities: tuple[str, ...]
    distinct: Distinct
    counts: Int64
    """int64[variants]: cases."""
    entity: Int64
    variant: Int32
    """int32[entities]: index of the entity's variant, -1 for an entity without activity."""
    ties: int | None


@dataclass(frozen=True)
class Variant:
    """One sequence of activities, and the cases that went through exactly it."""

    steps: tuple[str, ...]
    bits: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class VariantsResult:
    """`variants`: the most frequent first, equally frequent ones by their bits, shorter before longer."""

    cases: int
    distinct: int
    variants: tuple[Variant, ...]
    ties: int | None
    """Entities whose order of activities rests on ties; None where ties are not known."""


def partial(sequences: Sequences, spec: VariantsSpec | None = None) -> VariantsPartial:
    """Find the different sequences and who has them."""
    spec = spec or VariantsSpec()
    starts, name_of = sequences.starts, sequences.lowest_bit(spec.of)

    def one_block(block: slice) -> VariantsPartial:
        size = block.stop - block.start
        inside = starts[block.start : block.stop + 1]
        lengths, hashes = np.empty(size, np.int64), np.empty(size, np.uint64)
        symbols = np.empty(int(inside[-1] - inside[0]), np.uint8)
        written = spell(inside, sequences.code, name_of, spec.collapse, symbols, lengths, hashes)
        variant, distinct = _interned(Distinct(symbols[:written], _offsets(lengths), hashes))
        counts = np.bincount(variant[variant != NONE], minlength=distinct.hashes.size)
        return VariantsPartial(
            spec, sequences.activities, distinct, counts, sequences.entities[block], variant, None
        )

    nobody = Distinct(np.empty(0, np.uint8), np.zeros(1, np.int64), np.empty(0, np.uint64))
    none = VariantsPartial(
        spec,
        sequences.activities,
        nobody,
        np.empty(0, np.int64),
        sequences.entities[:0],
        np.empty(0, np.int32),
        None,
    )
    tied = tied_entities(sequences, kinds_of(name_of))
    ties = None if tied is None else int(np.count_nonzero(tied))
    return _joined(in_threads(one_block, blocks(starts)) or [none], ties)


def _offsets(lengths: Int64) -> Int64:
    offsets = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _interned(sequences: Distinct) -> tuple[Int32, Distinct]:
    """The number of each sequence (-1 if empty), and the different ones by number."""
    symbols, offsets, hashes = sequences.symbols, sequences.offsets, sequences.hashes
    size = hashes.size
    bits = min(max(size // PART, 1).bit_length() - 1, MOST_BITS)
    bounds, in_part = np.zeros((1 << bits) + 2, np.int64), np.empty(size, np.int32)
    apart, begins, lengths = np.empty(size, np.uint64), np.empty(size, np.int64), np.empty(size, np.int64)
    in_parts(hashes, offsets, bits, bounds, apart, begins, lengths)

    def one_part(part: int) -> int:
        of = slice(bounds[part], bounds[part + 1])
        return intern(symbols, apart[of], begins[of], lengths[of], in_part[of])

    before = np.cumsum([0, *in_threads(one_part, list(range(1 << bits)))])
    different = int(before[-1])
    number_of, distinct = np.empty(size, np.int32), np.empty(symbols.size, np.uint8)
    ends, hash_of = np.zeros(different + 1, np.int64), np.empty(different, np.uint64)
    _used, written = number_all(
        symbols, offsets, hashes, bits, bounds[:-2].copy(), in_part, before, number_of, distinct, ends[1:],
        hash_of,
    )  # fmt: skip
    return number_of, Distinct(distinct[:written].copy(), ends, hash_of)


def merge(partials: Sequence[VariantsPartial]) -> VariantsPartial:
    """Put parts that share no entity together, in the order given."""
    one_spec([(part.spec, part.activities) for part in partials])
    return _joined(partials, sum_known([part.ties for part in partials]))


def _joined(parts: Sequence[VariantsPartial], ties: int | None) -> VariantsPartial:
    everything = Distinct(
        symbols=np.concatenate([part.distinct.symbols for part in parts]),
        offsets=_offsets(np.concatenate([np.diff(part.distinct.offsets) for part in parts])),
        hashes=np.concatenate([part.distinct.hashes for part in parts]),
    )
    number_of, distinct = _interned(everything)
    counts = np.zeros(distinct.hashes.size, np.int64)
    np.add.at(counts, number_of, np.concatenate([part.counts for part in parts]))
    renumbered, place = [], 0
    for part in parts:
        # The last place stands for "no activity", which is -1 in each part.
        numbers = np.append(number_of[place : place + part.counts.size], np.int32(NONE))
        renumbered.append(numbers[part.variant])
        place += part.counts.size
    return VariantsPartial(
        spec=parts[0].spec,
        activities=parts[0].activities,
        distinct=distinct,
        counts=counts,
        entity=np.concatenate([part.entity for part in parts]),
        variant=np.concatenate(renumbered),
        ties=ties,
    )


def finish(partial: VariantsPartial, top: int = 20) -> VariantsResult:
    """The `top` most frequent variants, and how many cases and variants there are in all."""
    counts, distinct = partial.counts, partial.distinct
    least = np.partition(counts, counts.size - top)[counts.size - top] if 0 < top < counts.size else 0
    candidates = ((-int(counts[i]), distinct.steps(i), i) for i in np.flatnonzero(counts >= least).tolist())
    return VariantsResult(
        cases=int(counts.sum()),
        distinct=counts.size,
        variants=tuple(
            Variant(tuple(partial.activities[bit] for bit in steps), tuple(steps), -count)
            for count, steps, _ in nsmallest(top, candidates)
        ),
        ties=partial.ties,
    )


def entities_of_variant(partial: VariantsPartial, bits: Sequence[int]) -> Int64:
    """Entities that went through exactly these activities (bits); int64, empty if there is none."""
    wanted, distinct = bytes(bits), partial.distinct
    of_length = np.flatnonzero(np.diff(distinct.offsets) == len(wanted)).tolist()
    chosen = [variant for variant in of_length if distinct.steps(variant) == wanted]
    return partial.entity[np.isin(partial.variant, np.asarray(chosen, np.int32))]
