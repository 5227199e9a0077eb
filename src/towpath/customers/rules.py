"""Who may look at a customer."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF

READ_CUSTOMERS = permission("customers:read", *STAFF)
"""Names, identifiers and single events. Every look is kept in the audit log."""
