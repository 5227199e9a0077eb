"""Writes: what is found, what people do about it, and who is told."""
