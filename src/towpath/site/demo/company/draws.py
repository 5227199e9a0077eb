"""Random numbers by address: the same person in the same situation draws the same, whatever others do.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; 2011). A draw is a
function of (seed, purpose, who, what, when), so that two runs that differ in a cause differ through it alone.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Counter: TypeAlias = "Int | int"

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85


class Purpose(IntEnum):
    """What a draw decides. A number is never given to another purpose: every seed's history hangs on it."""

    WHO = 1
    HABITS = 2
    PATIENCE = 3
    PATIENCE_MORE = 4
    BILL = 5
    MOVE = 6
    JOIN = 7
    ARRIVAL = 8
    SPEED = 9
    SPEED_MORE = 10
    FAULT = 11
    COURSE = 12
    REACTION = 13
    PLANTED = 14
    DAY = 15
    COMPONENT_DAY = 16
    RELEASE = 17
    CONTACT = 18
    TICKET = 19
    TICKET_TIMES = 20
    LOUD = 21
    DOUBLE = 22
    CATALOGUE = 23


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> tuple[Words, ...]:
    """Four words of 32 random bits for each counter (four words of 32 bits, held in 64)."""
    a, b, c, d = counter
    k0, k1 = key
    for _ in range(10):
        left, right = a * _M0, c * _M1
        a, b, c, d = (
            (right >> _HALF) ^ b ^ np.uint64(k0),
            right & _LOW,
            (left >> _HALF) ^ d ^ np.uint64(k1),
            left & _LOW,
        )
        k0, k1 = (k0 + _W0) & 0xFFFFFFFF, (k1 + _W1) & 0xFFFFFFFF
    return a, b, c, d


class Draws:
    """All random numbers of a run with this seed."""

    def __init__(self, seed: int) -> None:
        self._key = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)

    def uniform(self, purpose: Purpose, who: Counter, what: Counter = 0, when: Counter = 0) -> Float:
        """float64[4, n] in (0, 1): four numbers for each address; scalars are spread over the arrays."""
        spread = np.broadcast_arrays(*(np.atleast_1d(np.asarray(each)) for each in (who, what, when)))
        a, b, c = (each.astype(np.uint64) & _LOW for each in spread)
        words = philox((a, b, c, np.full(a.shape, int(purpose), np.uint64)), self._key)
        return (np.stack(words).astype(np.float64) + 0.5) / 4_294_967_296.0

    def normal(self, purpose: Purpose, who: Counter, what: Counter = 0, when: Counter = 0) -> Float:
        """float64[4, n] of the standard normal distribution (Box and Muller)."""
        u = self.uniform(purpose, who, what, when)
        radius = np.sqrt(-2.0 * np.log(u[:2]))
        angle = 2.0 * np.pi * u[2:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
