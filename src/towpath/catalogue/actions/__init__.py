"""Writes of the catalogue: one verb a function."""
