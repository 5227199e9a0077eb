"""Writes: what people say about who is who."""
