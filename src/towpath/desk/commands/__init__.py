"""`towpath desk`: each module adds its commands to the group."""

from towpath.desk.commands import (
    agreeing,
    calls,
    connecting,
    defining,
    emerging,
    flow,
    insights,
    linking,
    listing,
    problems,
    solved,
    teams,
    tickets,
)
from towpath.desk.commands.group import desk
from towpath.desk.commands.shift import shift

__all__ = [
    "COMMANDS",
    "agreeing",
    "calls",
    "connecting",
    "defining",
    "emerging",
    "flow",
    "insights",
    "linking",
    "listing",
    "problems",
    "solved",
    "teams",
    "tickets",
]

COMMANDS = (desk, shift)
