"""How the events of a source are read as tickets: the section `desk:` of its mapping.

    desk:
      name: service-desk              # as addresses and commands call it; the source's name where left out
      kind: incident                  # incident | request | problem | change | contact, or a column of them
      state: type                     # a column of the envelope, or data.NAME
      states: {queued: [Awaiting*], working: [In Progress], resolved: [Resolved, In Call], ...}
      in_contact: [In Call]           # states that say: solved while the customer was still there
      team: team
      teams: {Old name: New name}     # a team that was renamed half-way stays one team
      tiers: {patterns: {"* 3rd": 3, "* 2nd": 2}, otherwise: 1}
      topic: data.product             # or a list of columns
      people: data.people             # how many of ours took part: several in a call cost as several
      effort_minutes: data.minutes    # work logged with that movement; without it effort is estimated
      repeat_days: 7                  # same customer, same topic again within so many days is a repeat
      beyond_tier_1: ["Hardware*"]    # topics that tier 1 may not resolve by rule; patterns
      caused_by: data.caused_by       # numbers of other tickets, several with commas between; so are
      solved_through: data.problem    # solved_through (a problem or change), duplicate_of and affects

Each event is a snapshot of a ticket after a movement. What is left out is unknown, and figures that would
need it say so.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal, get_args

import msgspec

Kind = Literal["incident", "request", "problem", "change", "contact"]
KINDS: tuple[str, ...] = get_args(Kind)
JOINED = " › "
"""Between the parts of a topic."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column, and what its values mean; a value that `map` does not name is `otherwise`."""

    column: str
    map: dict[str, str] = {}
    otherwise: str = "incident"


class Tiers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which support tier has a ticket: what a column says, or what is known of the team. A team that is named
    in neither `map` nor `patterns` (the first that fits) has the tier `otherwise`; left out: unknown."""

    column: str = ""
    map: dict[str, int] = {}
    patterns: dict[str, int] = {}
    otherwise: int | None = None

    def of_team(self, team: str) -> int | None:
        """The tier of a team; None where it is unknown."""
        if team in self.map:
            return self.map[team]
        fitting = (tier for pattern, tier in self.patterns.items() if fnmatchcase(team, pattern))
        return next(fitting, self.otherwise)

    @staticmethod
    def of_text(text: str) -> int | None:
        """The tier that a source writes as "2", "Tier 2" or "2nd line"; None where no number stands there."""
        digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
        return int(digits) if len(digits) == 1 else None


class Times(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the times in `opened`, `resolved`, `closed` and `first_reply` are written, as in a mapping."""

    zone: str = "UTC"
    formats: tuple[str, ...] = ("iso",)


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """See above. An empty text names no column. `states` None: states are told by the usual words."""

    name: str = ""
    kind: str | Column = "incident"
    state: str = "type"
    states: dict[str, tuple[str, ...]] | None = None
    in_contact: tuple[str, ...] = ()
    customer: str = "identifier"
    team: str = "team"
    teams: dict[str, str] = {}
    tiers: Tiers | None = None
    topic: str | tuple[str, ...] = ()
    channel: str = "channel"
    service: str = "service"
    component: str = "component"
    priority: str = ""
    impact: str = ""
    urgency: str = ""
    country: str = ""
    agent: str = ""
    title: str = ""
    text: str = ""
    solved_by: str = ""
    parent: str = ""
    caused_by: str = ""
    solved_through: str = ""
    duplicate_of: str = ""
    affects: str = ""
    link: str = ""
    people: str = ""
    effort_minutes: str = ""
    made_sla: str = ""
    opened: str = ""
    resolved: str = ""
    closed: str = ""
    first_reply: str = ""
    times: Times = Times()
    repeat_days: int = 7
    beyond_tier_1: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """The columns that make the topic, in order."""
        return tuple(filter(None, (self.topic,))) if isinstance(self.topic, str) else self.topic
