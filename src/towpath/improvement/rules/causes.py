"""Cause keys: what makes two signals evidence of one finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import xxhash


class Family(StrEnum):
    """Symptom families. Several detectors may see one of them."""

    FAULT = "fault"
    """Attempts that ended in a fault of ours."""
    SLOW = "slow"
    """Attempts slower than four times the step's target."""
    LOSS = "loss"
    """A group is lost at a step although nothing fails there."""
    LOOP = "loop"
    """The same step again, back to an earlier one, or over to another channel."""
    WAIT = "wait"
    """Longer than was promised."""
    MISSING = "missing"
    """Customers who would have come and did not arrive."""
    GRAVE = "grave"
    """Rare harm that no number excuses: safety, money taken wrongly, privacy, a group shut out."""
    CONTACT = "contact"
    """Customers had to get in touch about an incident."""


SILENCE = "silence"
"""The culprit where nothing comes in any more."""


@dataclass(frozen=True)
class CauseKey:
    """(journey, step, component or change, symptom family); the same trouble seen again has the same key.

    `culprit` is "component=payment-gateway", "change=app 4.12.0", a segment "channel=phone", an hour band
    "hours=18-22", or "" where the whole step is meant.
    """

    journey: str
    step: str
    culprit: str
    family: Family

    @property
    def text(self) -> str:
        """For people and for `--json`."""
        return "/".join(
            [self.journey, self.step, self.family.value, *([self.culprit] if self.culprit else [])]
        )

    @property
    def digest(self) -> str:
        """12 hexadecimal digits, for addresses."""
        return xxhash.xxh3_64_hexdigest(self.text.encode())[:12]
