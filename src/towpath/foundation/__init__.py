"""What every area stands on: a fixed list of subpackages, each importing only those before it."""

SUBPACKAGES = ("operations", "people", "access", "audit", "outbox", "accounts", "jobs", "ui")
"""In order: a subpackage may import those before it, never those after. A test holds it."""
