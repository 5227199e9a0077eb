"""Figures that stand: in a large lake they are made when events came, not when somebody asks.

They answer the question that pages begin with, a journey as a whole. Any other question is computed when it
is asked; so is this one where the lake is small, and until the figures were made for the first time. What
stands may be some seconds older than the lake; its `as_of` says how far it has counted.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import xxhash

from towpath.events.lake import Snapshot
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.journeys.measures.selection import Selection
from towpath.journeys.models import JourneyVersion, StandingFigures

STANDS_FROM = 200_000
"""Events in the lake from which on figures stand; below, computing them takes no longer than a page may."""

Record = TypeVar("Record", bound=msgspec.Struct)


def state_of(snapshot: Snapshot) -> str:
    """What figures depend on besides the journey: the lake's version, and which keys belong together."""
    moves = xxhash.xxh3_64(snapshot.moves.pulled.tobytes())
    moves.update(msgspec.json.encode(sorted(snapshot.moves.targets.items())))
    return f"{snapshot.version}:{moves.hexdigest()}"


def standing(
    actor: Actor, version: JourneyVersion, selection: Selection, shape: type[Record]
) -> Record | None:
    """The record of that shape that stands for this version; None where it has to be computed."""
    if selection != Selection():
        return None
    found = visible(StandingFigures, actor).filter(version=version, kind=kind_of(shape)).first()
    if found is None:
        return None
    try:
        return msgspec.json.decode(found.body, type=shape)
    except msgspec.ValidationError:
        # Written by a Towpath whose record had another shape: it is made anew with the next events.
        return None


def kind_of(shape: type[Any]) -> str:
    """Under which name records of that shape stand."""
    return shape.__name__.lower()
