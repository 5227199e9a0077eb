"""Histories of other helpdesks, read as snapshots of tickets: one row for each movement."""
