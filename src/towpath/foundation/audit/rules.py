from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import Role

READ_AUDIT = permission("audit:read", Role.ADMINISTRATOR)
