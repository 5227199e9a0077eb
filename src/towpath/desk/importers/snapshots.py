"""A ticket's history as rows: what held after each movement, values carried forward.

Helpdesks tell changes (this field, from this to that, then) and today's values. From both follow the values
before the first change, and all between. The names of the rows' columns are the same for every helpdesk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import xxhash

from towpath.events.importers.chunks import Row

COLUMNS = (
    "time", "seq", "number", "state", "kind", "team", "agent", "caller", "caller_name", "caller_mail",
    "channel", "service", "component", "change", "priority", "impact", "urgency", "category", "subcategory",
    "title", "text", "comment", "by", "opened", "resolved", "closed", "first_reply", "solved_by", "solution",
    "parent", "made_sla", "reopened", "country", "link", "history_cut",
    "caused_by", "solved_through", "duplicate_of", "affects",
)  # fmt: skip
"""What a row may hold; `seq` is the place in the ticket's history."""
_EMPTY: tuple[object, ...] = ("", [], {})
CUSTOMER, AGENT, MACHINE = "customer", "agent", "machine"
"""Who a comment is by."""


@dataclass(frozen=True)
class Change:
    """At `time` the `after` of some columns came to hold, where `before` had held; `said` is of this moment
    alone (a comment, who it is by)."""

    time: datetime
    before: Row = field(default_factory=dict)
    after: Row = field(default_factory=dict)
    said: Row = field(default_factory=dict)


def moment(text: object) -> datetime | None:
    """A time as helpdesks' interfaces write it (ISO 8601, also with +0100, or "2024-01-31 09:00:00"); UTC
    where it names no zone; None where it is none."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def written(time: datetime | None) -> str | None:
    """A time as rows hold it: ISO 8601, UTC."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def history(opened: datetime, today: Row, changes: Sequence[Change], always: Row, late: Row) -> Iterator[Row]:
    """The rows of one ticket, oldest first.

    `today`: what the columns that may change hold now; `always`: what never does. Values from before the
    first change of a column are what that change says of them. `late`: what is known at the end and no change
    tells; it stands in the last row, and is no part of what a row is known by (`id`), so that a history that
    only went on keeps the rows that it had.
    """
    ordered = sorted(changes, key=lambda change: change.time)
    now = _at_first(today, ordered)
    rows = [{"time": written(opened), **always, **now}]
    for change in ordered:
        now = {**now, **change.after}
        now.pop("text", None)
        long = {"text": change.after["text"]} if "text" in change.after else {}
        rows.append({"time": written(max(change.time, opened)), **always, **now, **long, **change.said})
    met: Counter[str] = Counter()
    for seq, row in enumerate(rows):
        known = _known(row)
        name = xxhash.xxh3_128_hexdigest(msgspec.json.encode(known, order="sorted"))
        met[name] += 1
        more = {**known, **_known(late)} if seq == len(rows) - 1 else known
        yield {**more, "seq": seq, "id": f"{name}-{met[name]}"}


def _at_first(today: Row, changes: Iterable[Change]) -> Row:
    """What held when the ticket was opened."""
    first = dict(today)
    told: set[str] = set()
    for change in changes:
        for name in change.after:
            if name not in told:
                told.add(name)
                first[name] = change.before.get(name)
    return first


def _known(held: Row) -> Row:
    """What is said, without what is empty."""
    return {name: value for name, value in held.items() if value is not None and value not in _EMPTY}


def marks(number: str, times: Row, today: Row, first: Row, state_names: Row) -> Iterator[Row]:
    """Rows of a ticket whose source tells no changes, only when it was opened, resolved, closed and last
    touched (`times`: ISO texts or texts as the source writes them, by "opened", "resolved", "closed",
    "updated").

    `today` holds now; of the opening only `first` is known. `id` stays the same when the ticket is exported
    again later, so that what earlier exports saw of it is kept.
    """
    place = 0
    for which in ("opened", "resolved", "closed"):
        time = times.get(which)
        if not time or (which != "opened" and time == times.get("updated")):
            continue
        held = {**first, "state": state_names[which], "number": number, "time": time, "seq": place}
        held["id"] = f"{number} {which} {time}"
        yield {name: value for name, value in held.items() if value not in (None, "")}
        place += 1
    last = times.get("updated") or times.get("closed") or times.get("resolved") or times.get("opened")
    known = {name: value for name, value in today.items() if value not in (None, "")}
    yield {**known, "number": number, "time": last, "seq": place, "id": f"{number} updated {last}"}
