"""How far the picture of the estate can be trusted."""

from __future__ import annotations

from datetime import datetime

import msgspec


class TrustOfKind(msgspec.Struct, frozen=True):
    """Items of a kind, and how many of them are each."""

    kind: str
    kind_in_words: str
    items: int
    current: int
    connected: int
    owned: int
    confirmed: int
    trusted: int


class TrustShown(msgspec.Struct, frozen=True):
    """Of all `items` that are not gone: `current`, seen within `current_days` before `as_of`; `connected` by
    a link; `owned` by somebody; `confirmed` by a second source; `trusted`, all four at once. `unmanaged`:
    seen, and managed by nobody; `conflicts`: items of which sources say different things. `share`: trusted of
    all, None where there are none."""

    as_of: datetime
    current_days: int
    items: int
    current: int
    connected: int
    owned: int
    confirmed: int
    trusted: int
    share: float | None
    unmanaged: int
    conflicts: int
    gone: int
    kinds: tuple[TrustOfKind, ...]
