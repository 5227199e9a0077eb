"""Keeping Towpath running for years: what goes when it is old, whether all is well, and how it all is."""
