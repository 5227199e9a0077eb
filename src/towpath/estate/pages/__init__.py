"""Pages of the estate."""
