"""Reads of the catalogue: typed records."""
