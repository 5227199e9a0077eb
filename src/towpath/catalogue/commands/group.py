"""The group that the catalogue's commands belong to."""

from __future__ import annotations

import click


@click.group("catalogue")
def catalogue() -> None:
    """What is provided, to whom, what was promised, and how it is."""
