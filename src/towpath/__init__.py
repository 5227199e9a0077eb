"""Towpath: service management joined with customer experience."""

from importlib.metadata import version

__version__ = version("towpath")
