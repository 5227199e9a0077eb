"""How what came in is told at the command line."""

from __future__ import annotations

import click
from django.utils.translation import gettext as _

from towpath.estate.schemas.item import DiscoveryShown
from towpath.foundation.operations.command_line import DONE, REFUSED


def tell_discovery(found: DiscoveryShown) -> int:
    """Print it; returns the exit code: 1 where something was left out."""
    click.echo(
        _("%(source)s: %(items)s items, %(new)s new, %(gone)s gone, %(changed)s changed, %(links)s links")
        % {
            "source": found.source,
            "items": f"{found.items:,}",
            "new": f"{found.new:,}",
            "gone": f"{found.gone:,}",
            "changed": f"{found.changed:,}",
            "links": f"{found.links:,}",
        }
    )
    for doubt in found.doubts:
        click.echo(f"  {doubt}", err=True)
    return REFUSED if found.doubts else DONE
