"""`towpath desk`: each module adds its commands to the group."""

from towpath.desk.commands import connecting, defining, emerging, flow, insights, listing, solved, teams
from towpath.desk.commands.group import desk

__all__ = ["COMMANDS", "connecting", "defining", "emerging", "flow", "insights", "listing", "solved", "teams"]

COMMANDS = (desk,)
