"""Who may read the estate, who may bring in what a source tells of it, and who may decide about it."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_ESTATE = permission("estate:read", *STAFF)
WRITE_ESTATE = permission("estate:write", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Import what a source tells, by hand or with an API key; decide where sources disagree."""
AUTHORISE_SCANS = permission("estate:authorise", Role.ADMINISTRATOR)
"""Say which networks may be scanned. Scanning others' networks can be a crime, and can break things."""
