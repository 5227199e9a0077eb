"""What a ticket costs at a support tier, and what is assumed of a new way: `TOWPATH_HOME/prices.yaml`.

    currency: USD
    tiers: {"0": 2, "1": 22, "2": 69, "3": 104}
    rates: {source: "MetricNet, North America", year: 2024, includes_earlier: false}
    shifts: {used: 0.6, success: 0.8, induced: 0.05}

Each stay with a tier costs that tier's rate once. Where a rate includes the tiers before it
(`includes_earlier`), the dearest tier of a path is its whole cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from towpath.foundation.operations.documents import Form, read_document
from towpath.foundation.operations.shaping import shaped

FORM = Form(longest=20_000, deepest=4, begin="Begin with `currency:` or `tiers:`.")
FILE = "prices.yaml"
METRICNET: Mapping[str, float] = {
    "0": 2.0, "1": 22.0, "2": 69.0, "3": 104.0, "self_help": 2.0, "field": 221.0, "vendor": 599.0,
}  # fmt: skip
"""MetricNet, North America, USD: fully loaded cost of one ticket at each level."""
PUBLISHED = "MetricNet, North America"


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whence the rates are. `year` None: the source does not say. `includes_earlier`: a tier's rate holds
    what the tiers before it cost."""

    source: str = PUBLISHED
    year: int | None = None
    includes_earlier: bool = False


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Shifts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of work that moves to self-service: the share of tickets that use it, the share of these that succeed,
    and the contacts that each use brings beside (with a pilot, put in what it measured)."""

    used: Share = 0.6
    success: Share = 0.8
    induced: Annotated[float, msgspec.Meta(ge=0)] = 0.05


class Rates(msgspec.Struct, frozen=True):
    """Money a stay with a tier costs, in `currency`, and what is assumed of work that moves."""

    currency: str = "USD"
    tiers: dict[str, float] = msgspec.field(default_factory=lambda: dict(METRICNET))
    rates: Origin | None = None
    shifts: Shifts = Shifts()

    @property
    def origin(self) -> Origin:
        """Rates that somebody entered without saying whence are the organisation's own."""
        if self.rates is not None:
            return self.rates
        return Origin() if self.tiers == METRICNET else Origin(source="")

    def by_tier(self, most: int) -> list[float | None]:
        """The rates of the tiers 0 to `most`; None where no rate is known."""
        return [self.tiers.get(str(tier)) for tier in range(most + 1)]


DEFAULT = Rates()


def read_rates(text: str, name: str = FILE) -> Rates:
    """The rates that a file of prices holds. Raises DocumentError with the line."""
    document = read_document(text, name, FORM)
    return shaped(document, Rates) if document.value else DEFAULT
