"""Shapes of what the estate's queries return."""
