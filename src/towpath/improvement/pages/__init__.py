"""Doors: the findings' list, one finding, one ruined day, and who is told."""
