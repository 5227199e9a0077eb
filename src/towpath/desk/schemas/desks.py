"""A desk as lists show it."""

from __future__ import annotations

import msgspec


class DeskSummary(msgspec.Struct, frozen=True):
    """`proposed`: its reading was made from the data, and nobody has agreed to it yet."""

    name: str
    source: str
    proposed: bool
