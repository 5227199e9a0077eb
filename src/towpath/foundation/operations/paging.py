"""How far a list is leafed through."""

FURTHEST = 10_000_000
"""No list is leafed through further; databases and Arrow refuse an offset beyond 64 bits."""
