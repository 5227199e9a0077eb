"""Reads: findings, one ruined day, and who is told."""
