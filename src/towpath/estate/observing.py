"""Services and components that events name are items too: what customers meet is the surest sign that it
exists."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from towpath.estate.actions.reports import take_in
from towpath.estate.models import Discovery
from towpath.estate.sources.report import EVERYTHING, Report, SeenItem, SeenLink
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor

SOURCE = FORM = "events"
WITHIN = timedelta(days=90)
"""What no event named for so long is gone."""
MOST = 5_000
_NAMED = """
select service, component, count(*) as events from events
where time > $since and time <= $until and (service is not null or component is not null)
  and (outcome is not null or latency_ms is not null)
group by service, component order by events desc limit $most
"""
SERVICE, COMPONENT, NEEDS = "application", "component", "depends_on"


def observe(actor: Actor) -> Discovery | None:
    """Take in what the events of the last WITHIN name; None where there are none. Raises PermissionDenied."""
    snapshot = lake().snapshot()
    until = max(snapshot.watermarks().values(), default=None)
    if until is None:
        return None
    rows = snapshot.query(_NAMED, {"since": until - WITHIN, "until": until, "most": MOST}).to_pylist()
    pairs = [(row["service"] or "", row["component"] or "") for row in rows]
    return take_in(actor, SOURCE, report_of(pairs, until)) if pairs else None


def report_of(pairs: list[tuple[str, str]], at: datetime) -> Report:
    """From (service, component) as events name them. A component that is named beside one service only is
    taken to be needed by it; what several use tells nothing of who needs it."""
    services: dict[str, set[str]] = defaultdict(set)
    for service, component in pairs:
        if service and component:
            services[component].add(service)
    names = dict.fromkeys((SERVICE, service) for service, _component in pairs if service)
    names |= dict.fromkeys((COMPONENT, component) for _service, component in pairs if component)
    return Report(
        form=FORM,
        at=at,
        items=tuple(SeenItem(f"{kind}:{name}", kind, name) for kind, name in names),
        links=tuple(
            SeenLink(NEEDS, f"{SERVICE}:{next(iter(users))}", f"{COMPONENT}:{component}")
            for component, users in services.items()
            if len(users) == 1
        ),
        scopes=(EVERYTHING,),
    )
