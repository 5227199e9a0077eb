"""`towpath estate`: each module adds its commands to the group."""

from towpath.estate.commands import listing
from towpath.estate.commands.group import estate

__all__ = ["COMMANDS", "listing"]

COMMANDS = (estate,)
