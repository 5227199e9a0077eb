"""What a ticket costs at a support tier: data with source and year, in `TOWPATH_HOME/prices.yaml`.

    currency: USD
    tiers: {"0": 2, "1": 22, "2": 69, "3": 104}
    rates: {source: MetricNet, North America, year: 2024, includes_earlier: false}

Each stay with a tier costs that tier's rate once. Where a rate includes the tiers before it
(`includes_earlier`), the dearest tier of a path is its whole cost.
"""

from __future__ import annotations

from collections.abc import Mapping

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


class Rates(msgspec.Struct, frozen=True):
    """Money a stay with a tier costs, in `currency`."""

    currency: str = "USD"
    tiers: dict[str, float] = msgspec.field(default_factory=lambda: dict(METRICNET))
    rates: Origin | None = None

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
