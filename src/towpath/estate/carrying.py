"""What customers meet through items. The estate knows no journeys: an area above says here what it finds.

    add_carrier(steps_through)

is called when that area's app is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.estate.schemas.carrying import Carrying
    from towpath.foundation.access.actor import Actor

Carrier = Callable[["Actor", Collection[str]], "Carrying | None"]
"""What the items of these names carry; None where the actor may not see it or there is nothing to see it
in."""

_carriers: list[Carrier] = []


def add_carrier(carrier: Carrier) -> None:
    """Make known who says what items carry, once. Raises ValueError where another one does."""
    if _carriers and _carriers != [carrier]:
        raise ValueError("somebody else says already what items carry")
    _carriers[:] = [carrier]


def carried_by(actor: Actor, names: Collection[str]) -> Carrying | None:
    """What the services and components of these names carry."""
    return _carriers[0](actor, names) if _carriers and names else None
