"""`towpath desk`: each module adds its commands to the group."""

from towpath.desk.commands import connecting, flow, listing
from towpath.desk.commands.group import desk

__all__ = ["COMMANDS", "connecting", "flow", "listing"]

COMMANDS = (desk,)
