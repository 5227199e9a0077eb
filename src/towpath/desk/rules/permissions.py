"""Who may read the desk's figures and tickets, and who may change how they are read."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_DESK = permission("desk:read", *STAFF)
MANAGE_DESK = permission("desk:manage", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Readings, agreements, topics, and decisions about where work is done."""
LINK_TICKETS = permission("desk:link", Role.AGENT, Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Confirm or reject what a ticket is about."""
