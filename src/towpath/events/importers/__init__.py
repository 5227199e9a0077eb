"""Readers of files: XES, CSV, JSON lines, Parquet and OCEL 2.0, each giving chunks of events."""

from towpath.events.importers.chunks import Chunk, ImportFailed, Refused
from towpath.events.importers.importer import open_importer
from towpath.events.importers.repair import repair

__all__ = ["Chunk", "ImportFailed", "Refused", "open_importer", "repair"]
