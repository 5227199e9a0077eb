"""Typed records of the home page and the account for leaders; page, API and `--json` show the same."""
