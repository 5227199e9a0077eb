"""`towpath desk`: each module adds its commands to the group."""

from towpath.desk.commands import (
    agreeing,
    connecting,
    defining,
    flow,
    insights,
    listing,
    solved,
    teams,
    tickets,
)
from towpath.desk.commands.group import desk

__all__ = [
    "COMMANDS", "agreeing", "connecting", "defining", "flow", "insights", "listing", "solved", "teams",
    "tickets",
]  # fmt: skip

COMMANDS = (desk,)
