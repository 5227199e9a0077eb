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
def in_parts(
    hashes: UInt64, offsets: Int64, bits: int, bounds: Int64, apart: UInt64, begins: Int64, lengths: Int64
) -> None:
    """Write hashes, begins and lengths of the sequences by the first `bits` of their hashes, in each part as
    they come: part i lies at bounds[i] to bounds[i + 1], where `bounds` is int64[parts + 2] of zeros."""
    for value in hashes:
        bounds[_part(value, bits) + 2] += 1
    for part in range(2, bounds.size):
        bounds[part] += bounds[part - 1]
    for place in range(hashes.size):
        part = _part(hashes[place], bits)
        to, begin = bounds[part + 1], offsets[place]
        apart[to], begins[to], lengths[to] = hashes[place], begin, offsets[place + 1] - begin
        bounds[part + 1] += 1


@kernel
def _part(value: int, bits: int) -> int:
    return int(np.int64(np.uint64(value) >> np.uint64(64 - bits))) if bits else 0


@kernel
def intern(symbols: UInt8, hashes: UInt64, begins: Int64, lengths: Int64, number_of: Int32) -> int:
    """Number sequences by first appearance, -1 for an empty one; returns how many different ones there are.

    The table doubles while it fills: for few variants it stays small.
    """
    slots, first_of, used = np.full(1024, -1, np.int32), np.empty(hashes.size, np.int32), 0
    for place in range(hashes.size):
        length = lengths[place]
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
                and lengths[first] == length
                and same(symbols, begins[first], begins[place], length)
            ):
                number_of[place] = number
                break
            slot = (slot + 1) & last_slot
        if 2 * used > slots.size:
            slots = _spread(hashes, first_of, used, 2 * slots.size)
    return used


@kernel
def _spread(hashes: UInt64, first_of: Int32, used: int, size: int) -> Int32:
    """The table of the same numbers with more room."""
    slots = np.full(size, -1, np.int32)
    for number in range(used):
        slot = np.int64(hashes[first_of[number]] & np.uint64(size - 1))
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = number
    return slots


@kernel
def number_all(
    symbols: UInt8,
    offsets: Int64,
    hashes: UInt64,
    bits: int,
    next_of: Int64,
    in_part: Int32,
    before: Int64,
    number_of: Int32,
    distinct: UInt8,
    ends: Int64,
    hash_of: UInt64,
) -> tuple[int, int]:
    """Give every sequence its number over all parts, by first appearance, and write the different ones one
    after the other; returns how many they are and how long together.

    `next_of` int64[parts]: where each part begins in `in_part`, the numbers within the parts, and `before`
    how many different ones the parts before it have; moves `next_of` on.
    """
    known, used, written = np.full(before[-1], -1, np.int32), 0, 0
    for place in range(hashes.size):
        part = _part(hashes[place], bits)
        number = in_part[next_of[part]]
        next_of[part] += 1
        if number < 0:
            number_of[place] = -1
            continue
        number += before[part]
        if known[number] < 0:
            known[number] = used
            hash_of[used] = hashes[place]
            for i in range(offsets[place], offsets[place + 1]):
                distinct[written] = symbols[i]
                written += 1
            ends[used] = written
            used += 1
        number_of[place] = known[number]
    return used, written
