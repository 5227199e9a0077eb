"""Records of who stands behind a number, and of one customer's way through a journey."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.customers.schemas import Story, StoryEvent


class Traveller(msgspec.Struct, frozen=True):
    """One customer or case. `entity`: its 64-bit key as text, the address of its story.

    `entered_at`: latest entry, None for a source without a journey; `furthest`: key of the furthest step;
    `state`:
    converted, open, finished_otherwise, lost, not_entered, or empty for a source.
    """

    entity: str
    name: str
    source: str
    entered_at: datetime | None
    last_event_at: datetime
    last_event: str
    events: int
    furthest: str | None
    state: str


class Travellers(msgspec.Struct, frozen=True):
    """A page of those whom a number counts; `total` is that number."""

    journey: str
    as_of: datetime | None
    total: int
    offset: int
    travellers: tuple[Traveller, ...]


class MarkedEvent(msgspec.Struct, frozen=True):
    """An event of a story with what the journey recognises in it: keys and names of activities, in the map's
    order.

    `turn`: name of the party whose turn it is after it, None where it passes no turn on.
    """

    event: StoryEvent
    activities: tuple[str, ...]
    names: tuple[str, ...]
    turn: str | None


class JourneyStory(msgspec.Struct, frozen=True):
    """One customer's way through a journey. `story.events` is empty: `events` holds them, marked."""

    journey: str
    as_of: datetime | None
    entered_at: datetime | None
    furthest: str | None
    state: str
    story: Story
    events: tuple[MarkedEvent, ...]
