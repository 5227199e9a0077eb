"""Writes to the desk's records."""
