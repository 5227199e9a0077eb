"""Home and the account for leaders as pages."""
