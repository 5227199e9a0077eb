"""The typed records that page, API and `--json` show alike. Field order is the order of the JSON."""
