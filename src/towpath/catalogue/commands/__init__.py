"""`towpath catalogue`: each module adds its commands to the group."""

from towpath.catalogue.commands import importing, listing
from towpath.catalogue.commands.group import catalogue

__all__ = ["COMMANDS", "importing", "listing"]

COMMANDS = (catalogue,)
