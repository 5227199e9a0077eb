"""Who may look at a customer, and who may say who is who."""

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import STAFF, Role

READ_CUSTOMERS = permission("customers:read", *STAFF)
"""Names, identifiers and single events. Every look is kept in the audit log."""
WRITE_CUSTOMERS = permission("customers:write", Role.AGENT, Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Say that identifiers are one customer's, or several customers'."""
RULE_CUSTOMERS = permission("customers:rule", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Change the rules by which identifiers are joined."""
FORGET_CUSTOMERS = permission("customers:forget", Role.ADMINISTRATOR)
"""Forget a customer, everywhere and for good."""
EXPORT_CUSTOMERS = permission("customers:export", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
"""Hand out everything that is held about a customer."""
