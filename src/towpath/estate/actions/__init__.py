"""Writes to the estate's records."""
