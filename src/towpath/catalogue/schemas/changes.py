"""What a declaration changes, or would change."""

from __future__ import annotations

from typing import Literal

import msgspec


class CatalogueField(msgspec.Struct, frozen=True):
    """A field that differs; lists and records as JSON, "" where nothing stands."""

    field: str
    before: str
    after: str


class CatalogueChange(msgspec.Struct, frozen=True):
    """`noun`: "service" or "agreement"."""

    noun: str
    name: str
    change: Literal["new", "changed", "back", "gone"]
    fields: tuple[CatalogueField, ...]


class CatalogueDiff(msgspec.Struct, frozen=True):
    """`applied`: it was done; else it would be."""

    applied: bool
    changes: tuple[CatalogueChange, ...]
    services: int
    agreements: int
