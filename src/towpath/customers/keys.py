"""How the lake is told whose story an identifier's events belong to: the one place that knows."""

from __future__ import annotations

from collections.abc import Mapping

from towpath.events.keys import set_keys


def follow(customer_of: Mapping[int, int]) -> None:
    """From now on the events of each identifier (key) are told under its customer's key, in all figures.

    Its own key parts it again. Call it in the transaction that changed the customers.
    """
    set_keys(customer_of)
