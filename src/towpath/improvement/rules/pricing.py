"""What a ruined day costs: prices are data (`TOWPATH_HOME/prices.yaml`), with defaults that say whence.

Lost margin = customers lost beyond expectation x mean final value of a journey x margin share; handling =
contacts x cost of a contact at its tier; compensation = grave harm x what is given back. A part is left out
where nothing tells its price. `day`: how much money weighs as one ruined customer-day in the rank. Where no
value is known a lost customer weighs `lost_days` ruined days.
"""

from __future__ import annotations

import msgspec

from towpath.desk.rules.rates import METRICNET, Origin, Shifts
from towpath.foundation.operations.documents import DocumentError, Form, read_document

FORM = Form(longest=20_000, deepest=4, begin="Begin with `currency:` or `day:`.")
FILE = "prices.yaml"


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money in `currency`. `tiers`: cost of a contact by tier, `rates`: whence they are; `shifts`: what the
    desk assumes of work that moves; `contact`: of one whose tier is not known.
    `compensation`: for one customer-day of grave harm, None = not known."""

    currency: str = "EUR"
    margin: float = 0.25
    day: float = 40.0
    lost_days: float = 1.0
    contact: float = 22.0
    tiers: dict[str, float] = msgspec.field(default_factory=lambda: dict(METRICNET))
    rates: Origin | None = None
    shifts: Shifts = Shifts()
    compensation: float | None = None

    def of_tier(self, tier: str) -> float:
        """Cost of a contact at a tier, also where it is written "tier 2" or "L2"."""
        digits = "".join(letter for letter in tier if letter.isdigit())
        return self.tiers.get(tier, self.tiers.get(digits, self.contact))


DEFAULT = Prices()


def read_prices(text: str, name: str = FILE) -> Prices:
    """Raises DocumentError with what is wrong, and what to do."""
    document = read_document(text, name, FORM)
    try:
        prices = msgspec.convert(document.value or {}, Prices)
    except msgspec.ValidationError as error:
        remedy = (
            "docs/findings.md shows what may stand here: currency, margin, day, lost_days, tiers and so on."
        )
        raise DocumentError(name, 1, 1, f"{error}.", remedy) from error
    if prices.day <= 0 or not 0 <= prices.margin <= 1:
        problem = "A ruined day is worth more than 0, and a margin is a share from 0 to 1."
        raise DocumentError(name, 1, 1, problem, "Correct `day` or `margin`.")
    return prices
