"""Who may read the catalogue, and who may change what stands in it."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_CATALOGUE = permission("catalogue:read", *STAFF)
WRITE_CATALOGUE = permission("catalogue:write", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Bring in services and agreements, by hand or with an API key."""
