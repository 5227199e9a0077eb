"""`towpath desk`: each module adds its commands to the group."""

from towpath.desk.commands import connecting, defining, flow, insights, listing
from towpath.desk.commands.group import desk
from towpath.desk.commands.shift import shift

__all__ = ["COMMANDS", "connecting", "defining", "flow", "insights", "listing"]

COMMANDS = (desk, shift)
