"""Reads of the estate: typed records, which page, API and `--json` all show."""
