"""Who may look at customers and change them, and the pure decisions about who is who."""

from towpath.customers.rules.permissions import (
    EXPORT_CUSTOMERS,
    FORGET_CUSTOMERS,
    READ_CUSTOMERS,
    RULE_CUSTOMERS,
    WRITE_CUSTOMERS,
)

__all__ = ["EXPORT_CUSTOMERS", "FORGET_CUSTOMERS", "READ_CUSTOMERS", "RULE_CUSTOMERS", "WRITE_CUSTOMERS"]
