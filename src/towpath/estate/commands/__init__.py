"""`towpath estate`: each module adds its commands to the group."""

from towpath.estate.commands import (
    deciding,
    importing,
    libraries,
    listing,
    observing,
    scanning,
    showing,
    software,
)
from towpath.estate.commands.group import estate

__all__ = [
    "COMMANDS",
    "deciding",
    "importing",
    "libraries",
    "listing",
    "observing",
    "scanning",
    "showing",
    "software",
]

COMMANDS = (estate, software.sbom, software.advisories)
