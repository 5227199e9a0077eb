"""At which step of a journey a ticket's customer failed just before: together with, not caused by."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.recognition import recognise
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.history import History
from towpath.events.lake import Snapshot
from towpath.journeys.measures.plan import Plan
from towpath.journeys.queries.standing import state_of

WITHIN_HOURS = 24
STEP = " › "
"""Between a journey's key and its step's."""
MOST_HELD = 3
_BEFORE = """
with asked as (
  select coalesce(ticket, "case") as number, min(time) as opened, any_value(key) as key from events
  where source = $source and identifier is not null and coalesce(ticket, "case") is not null
  group by 1
)
select asked.number as asked_number, events.* from asked join events on events.key = asked.key
where events.source <> $source and events.outcome in ('fault', 'refused', 'mistake', 'abandoned')
  and events.time <= asked.opened and events.time > asked.opened - to_hours($hours)
"""
Steps = Coded
_held: OrderedDict[tuple[str, ...], Steps] = OrderedDict()
_lock = threading.Lock()


def preceding(snapshot: Snapshot, history: History, plans: Sequence[Plan]) -> Steps:
    """For each ticket the step of its customer's last attempt that went wrong in the day before it was
    opened; none where there was none. Kept while neither events nor journeys change."""
    key = (history.token, state_of(snapshot), *(plan.digest() for plan in plans))
    with _lock:
        kept = _held.get(key)
    if kept is None:
        kept = _preceding(snapshot, history, plans)
        with _lock:
            _held[key] = kept
            while len(_held) > MOST_HELD:
                _held.popitem(last=False)
    return kept


def _preceding(snapshot: Snapshot, history: History, plans: Sequence[Plan]) -> Steps:
    if not plans or not snapshot.files:
        return Coded.nothing(len(history.tickets))
    found = snapshot.query(_BEFORE, {"source": history.source, "hours": WITHIN_HOURS})
    found = found.take(
        pc.sort_indices(found, [(name, "ascending") for name in ("time", "seq", "source", "id")])
    )
    names: list[str] = []
    step = np.full(found.num_rows, -1, np.int32)
    for plan in plans:
        held = recognise(found, [activity.rule for activity in plan.step_activities])
        of_it = _of_sources(found, plan.sources)
        for place, activity in enumerate(plan.step_activities):
            step[held.holds(place) & of_it & (step < 0)] = len(names)
            names.append(f"{plan.name}{STEP}{activity.key}")
    numbers = found["asked_number"].combine_chunks().cast(pa.string())
    tickets = np.asarray(pc.fill_null(pc.index_in(numbers, history.tickets), -1))
    known = (step >= 0) & (tickets >= 0)
    codes = np.full(len(history.tickets), -1, np.int32)
    # In the order of time: the last one stays.
    codes[tickets[known]] = step[known]
    return Coded(codes, pa.array(names, pa.string()))


def _of_sources(found: pa.Table, sources: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if not sources:
        return np.ones(found.num_rows, np.bool_)
    among = pc.is_in(found["source"].cast(pa.string()), pa.array(list(sources), pa.string()))
    return np.asarray(among.combine_chunks()).astype(np.bool_)
