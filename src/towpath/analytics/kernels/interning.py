# ruff: noqa: PLR0917, SIM110 (compiled functions take their arguments by position, and know no generators)
"""Equal sequences get equal numbers: found by hash, compared by content so that none are mixed up."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Int8, Int32, Int64, UInt8, UInt16, UInt64, kernel


@kernel
def spell(
    starts: Int64,
    code: UInt16,
    name_of: Int8,
    collapse: bool,
    symbols: UInt8,
    lengths: Int64,
    hashes: UInt64,
) -> int:
    """Write the named activities of the block's entities one after the other; returns how many.

    `collapse` writes an activity that repeats itself once. Hash: FNV-1a over the symbols, mixed at the end.
    """
    place = 0
    for entity in range(lengths.size):
        before, begin = -1, place
        mixed = np.uint64(0xCBF29CE484222325)
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0 or (collapse and name == before):
                continue
            symbols[place] = name
            place += 1
            mixed = (mixed ^ np.uint64(name + 1)) * np.uint64(0x100000001B3)
            before = name
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0xD6E8FEB86659FD93)
        hashes[entity] = mixed ^ (mixed >> np.uint64(32))
        lengths[entity] = place - begin
    return place


@kernel
def same(symbols: UInt8, one: int, other: int, length: int) -> bool:
    """Whether two stretches of equal length hold the same symbols."""
    for i in range(length):
        if symbols[one + i] != symbols[other + i]:
            return False
    return True


@kernel
def intern(
    symbols: UInt8, offsets: Int64, hashes: UInt64, part: int, bits: int, number_of: Int64, first_of: Int64
) -> int:
    """Number the sequences by first appearance; returns how many different ones there are.

    Only those whose hashes begin with the `bits` of `part`: equal ones are all in one part. `number_of`
    int64[n] gets each sequence's number, -1 for an empty one; `first_of` int64[n], per number, the sequence
    it appeared in first. The table doubles while it fills: for few variants it stays small.
    """
    slots = np.full(1024, -1, np.int32)
    used = 0
    for place in range(number_of.size):
        if bits and hashes[place] >> np.uint64(64 - bits) != np.uint64(part):
            continue
        length = offsets[place + 1] - offsets[place]
        if length == 0:
            number_of[place] = -1
            continue
        last_slot = slots.size - 1
        slot = np.int64(hashes[place] & np.uint64(last_slot))
        while True:
            number = slots[slot]
            if number < 0:
                slots[slot] = used
                number_of[place] = used
                first_of[used] = place
                used += 1
                break
            first = first_of[number]
            if (
                hashes[first] == hashes[place]
                and offsets[first + 1] - offsets[first] == length
                and same(symbols, offsets[first], offsets[place], length)
            ):
                number_of[place] = number
                break
            slot = (slot + 1) & last_slot
        if 2 * used > slots.size:
            slots = _spread(hashes, first_of, used, 2 * slots.size)
    return used


@kernel
def _spread(hashes: UInt64, first_of: Int64, used: int, size: int) -> Int32:
    """The table of the same numbers with more room."""
    slots = np.full(size, -1, np.int32)
    for number in range(used):
        slot = np.int64(hashes[first_of[number]] & np.uint64(size - 1))
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = number
    return slots


@kernel
def gather(symbols: UInt8, offsets: Int64, chosen: Int64, places: Int64, out: UInt8) -> None:
    """Copy the chosen sequences to their places, int64[chosen + 1]."""
    for i in range(chosen.size):
        begin = offsets[chosen[i]]
        for j in range(places[i + 1] - places[i]):
            out[places[i] + j] = symbols[begin + j]
