"""Reads: what pages, the API and `--json` show, as typed records."""
