"""Who may read journeys and their figures, and who may change them."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_JOURNEYS = permission("journeys:read", *STAFF)
WRITE_JOURNEYS = permission("journeys:write", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
