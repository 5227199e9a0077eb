"""What others know of the estate, read from their own formats into one."""
