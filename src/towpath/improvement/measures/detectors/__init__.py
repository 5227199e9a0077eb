"""Detectors: each says of some descriptions how surely, and by how much, more went wrong than should have."""
