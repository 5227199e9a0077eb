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
    REPEAT = "repeat"
    """What a desk said was solved comes back."""
    HANDOVER = "handover"
    """Two teams of a desk send tickets to each other and back."""
    SHIFT = "shift"
    """A desk's work that a lower level could do, or that should not come at all."""
    EMERGING = "emerging"
    """More tickets of a topic than its own past lets one expect."""

    SINGLE = "single_point"
    """Much hangs on one thing that has no stand-in."""
    EXPOSURE = "exposure"
    """A weak library past the day by which to mend it."""
    UNMANAGED = "unmanaged"
    """Things that are seen and that nobody looks after."""


OF_DESKS = frozenset({Family.REPEAT, Family.HANDOVER, Family.SHIFT, Family.EMERGING})
"""What tickets tell; a key of these names a desk in the place of a journey, and no step."""
OF_ESTATE = frozenset({Family.SINGLE, Family.EXPOSURE, Family.UNMANAGED})
"""What the estate tells; a key of these has "estate" in the place of a journey, and no step."""
ESTATE = "estate"
SILENCE = "silence"
"""The culprit where nothing comes in any more."""


@dataclass(frozen=True)
class CauseKey:
    """(journey, step, component or change, symptom family); the same trouble seen again has the same key.

    `culprit` is "component=payment-gateway", "change=app 4.12.0", a segment "channel=phone", an hour band
    "hours=18-22", or "" where the whole step is meant. Of a desk `journey` is "desk:service-desk", `step` ""
    and the culprit "topic=password reset" or "teams=billing ⇄ metering". Of the estate it is the
    item: "host=db-1", "library=log4j-core in till".
    """

    journey: str
    step: str
    culprit: str
    family: Family

    @property
    def text(self) -> str:
        """For people and for `--json`."""
        parts = (self.journey, self.step, self.family.value, self.culprit)
        return "/".join(part for part in parts if part)

    @property
    def digest(self) -> str:
        """12 hexadecimal digits, for addresses."""
        return xxhash.xxh3_64_hexdigest(self.text.encode())[:12]
