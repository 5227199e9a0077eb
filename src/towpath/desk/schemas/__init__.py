"""Shapes of what the desk's queries return."""
