"""Shapes that page, API and `--json` share."""
