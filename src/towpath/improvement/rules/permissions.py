"""Who may read findings and figures of days, and who may decide about them."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_FINDINGS = permission("findings:read", *STAFF)
WRITE_FINDINGS = permission("findings:write", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
TELL_FINDINGS = permission("findings:tell", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Who is told of findings, and when."""
