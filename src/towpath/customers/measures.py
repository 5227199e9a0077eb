"""What the lake shows about who is who: identifiers, and which were seen together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.lake import Snapshot

MOST_NAMES = 20
"""An event that names more identifiers than that is no evidence about one customer: the rest is left out."""
LONGEST_IDENTIFIER = 500
"""In characters. What is longer is no identifier; its events stay under their own key."""

_SHOWN = f"""
with shown as (
  select identifier, identifiers, source, session, min(time) as first, max(time) as last
  from events where (identifier is not null or identifiers is not null) and ({{scope}}) group by all
), listed as (
  select source, first, last, session, list_distinct(list_filter(
    list_prepend(identifier, case when json_valid(identifiers)
                                  then json_extract_string(identifiers, '$[*]') else [] end),
    lambda each: each is not null and trim(each) <> '' and length(each) <= {LONGEST_IDENTIFIER}
  )) as found from shown
), named as materialized (
  select source, first, last, list_slice(list_sort(found), 1, {MOST_NAMES})
    || case when session is null or session = '' or length(session) > 200 or length(found) = 0 then []
            when $sessions = 'of-all' then ['session:' || session]
            else ['session:' || source || ':' || session] end as names
  from listed where length(found) > 0
)
"""  # noqa: S608 (numbers of ours)


@dataclass(frozen=True)
class Scope:
    """Which events: those of a source (in some months), those received from a moment to another (both
    inclusive), or all."""

    source: str = ""
    months: Sequence[str] = ()
    first_received: datetime | None = None
    last_received: datetime | None = None

    def sql(self) -> tuple[str, dict[str, object]]:
        """A condition of the view `events`, and what fills it."""
        wanted: list[str] = []
        filled: dict[str, object] = {}
        if self.source:
            wanted.append("source = $source")
            filled["source"] = self.source
        if self.months:
            wanted.append("list_contains($months::varchar[], strftime(time, '%Y-%m'))")
            filled["months"] = list(self.months)
        if self.first_received and self.last_received:
            wanted.append("received between $first::timestamptz and $last::timestamptz")
            filled |= {"first": self.first_received, "last": self.last_received}
        return " and ".join(wanted) or "true", filled


EVERYTHING = Scope()


def sightings(snapshot: Snapshot, scope: Scope, sessions: str) -> tuple[pa.Table, pa.Table]:
    """Identifiers (name, source, first, last) and pairs of them seen together (a, b, source, first, last).

    `source` is the one that showed it first. A session counts as an identifier where another one is shown
    with it; `sessions`: see `LinkRules.sessions`.
    """
    where, filled = scope.sql()
    seen = "arg_min(source, (first, source)) as source, min(first) as first, max(last) as last"
    asked = (
        f"{_SHOWN.format(scope=where)} select name as a, null as b, {seen} "  # noqa: S608 (text of ours)
        "from (select unnest(names) as name, source, first, last from named) group by name "
        f"union all select a, b, {seen} "
        "from (select a, unnest(names) as b, source, first, last "
        "from (select unnest(names) as a, * from named)) where a < b group by a, b"
    )
    filled["sessions"] = sessions
    if scope.first_received:
        snapshot = snapshot.received_since(scope.first_received)
    found = snapshot.query(asked, filled)
    alone = pc.is_null(found["b"])
    names = found.filter(alone).drop_columns(["b"]).rename_columns(["name", "source", "first", "last"])
    return names, found.filter(pc.invert(alone))
