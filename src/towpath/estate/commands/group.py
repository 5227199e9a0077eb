"""The group that the estate's commands belong to."""

from __future__ import annotations

import click


@click.group("estate")
def estate() -> None:
    """What exists, what hangs on it, and how far that picture can be trusted."""
