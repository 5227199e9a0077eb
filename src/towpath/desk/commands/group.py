"""The group that the desk's commands belong to."""

from __future__ import annotations

import click


@click.group("desk")
def desk() -> None:
    """Tickets: how they flow, what they cost, and how a helpdesk's history is read."""
