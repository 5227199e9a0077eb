"""Keeping Towpath for years: backup, restore, upgrade."""
