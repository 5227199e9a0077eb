"""Who may do what with events."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import Role

READ_EVENTS = permission("events:read", Role.AGENT, Role.SERVICE_MANAGER, Role.LEADER, Role.ADMINISTRATOR)
WRITE_EVENTS = permission("events:write", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
READ_KEEPING = permission("keeping:read", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
MANAGE_RETENTION = permission("retention:manage", Role.ADMINISTRATOR)
REPAIR = permission("lake:repair", Role.ADMINISTRATOR)
