"""Reads of the desk: typed records, which page, API and `--json` all show."""
