"""A run's events in the envelope's columns, as the company's systems would send them.

Every text of an event follows from its own person and situation, never from its place among the others: an
event of somebody whom a cause did not touch is the same to the byte without it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.site.demo.company.desk import TICKET_TYPES
from towpath.site.demo.company.draws import Draws, Int, Purpose
from towpath.site.demo.company.landscape import (
    CATALOGUE,
    CATALOGUED,
    CHANNELS,
    COMPONENTS,
    DECLINED,
    DESK,
    DOUBLE,
    IDENTIFY,
    JOIN,
    LANGUAGES,
    OK,
    OUTCOMES,
    PIPELINE,
    REGIONS,
    SOURCES,
    STEPS,
    STEPS_EACH,
    TEAMS,
    TOPICS,
)
from towpath.site.demo.company.people import People, device_names
from towpath.site.demo.company.plan import SECOND
from towpath.site.demo.company.releases import APP, WEB
from towpath.site.demo.company.running import Run

Texts = npt.NDArray[np.object_]
FIRST_ACCOUNT = 100_000
_TIME = pa.timestamp("us", tz="UTC")
COLUMNS = pa.schema(
    [
        ("source", pa.string()), ("id", pa.string()), ("seq", pa.int64()), ("time", _TIME),
        ("received", _TIME), ("type", pa.string()), ("identifier", pa.string()), ("identifiers", pa.string()),
        ("session", pa.string()), ("channel", pa.string()), ("service", pa.string()),
        ("component", pa.string()), ("environment", pa.string()), ("version", pa.string()),
        ("outcome", pa.string()), ("latency_ms", pa.float64()), ("value", pa.float64()),
        ("currency", pa.string()), ("team", pa.string()), ("tier", pa.string()), ("ticket", pa.string()),
        ("change", pa.string()), ("trace", pa.string()), ("data", pa.string()),
    ]
)  # fmt: skip
"""The envelope's columns, but those that it computes itself (`key`, `case_key`) and `case`."""


def events_of(run: Run) -> pa.Table:
    """All events of a run in `COLUMNS`, in the order of events (time, seq, source, id)."""
    parts = [_attempts(run), _declined(run), _doubled(run), _desk(run), _deployments(run)]
    table = pa.concat_tables(parts)
    table = table.filter(pc.less(table["time"].cast(pa.int64()), run.plan.until))
    return table.sort_by([(name, "ascending") for name in ("time", "seq", "source", "id")])


def account(person: int) -> str:
    """The identifier of somebody who is a customer."""
    return f"account:{FIRST_ACCOUNT + person}"


def _table(count: int, **columns: object) -> pa.Table:
    made = []
    for field in COLUMNS:
        values = columns.get(field.name)
        if values is None:
            made.append(pa.nulls(count, field.type))
        elif field.type == _TIME:
            made.append(pa.array(values, pa.int64()).cast(_TIME))
        elif isinstance(values, str):
            made.append(pa.repeat(values, count))
        else:
            made.append(pa.array(values, field.type, from_pandas=True))
    return pa.table(made, schema=COLUMNS)


def _named(names: Sequence[str], places: npt.NDArray[np.generic]) -> Texts:
    """The names at these places; None at -1."""
    found: Texts = np.array([*names, None], np.object_)[places]
    return found


def _attempts(run: Run) -> pa.Table:
    a, intents = run.walked.attempts, run.intents
    i, step, outcome = a.intent, a.step, a.outcome
    person, number = intents.person[i], intents.number[i]
    last = (step % STEPS_EACH == STEPS_EACH - 1) & (outcome == OK)
    known, shown = _who(run)
    rows = list(zip(person.tolist(), number.tolist(), a.visit.tolist(), step.tolist(), a.tries.tolist(),
                    strict=True))  # fmt: skip
    return _table(
        len(i),
        source=_named(SOURCES, a.channel),
        id=[f"{p:x}-{n:x}-{v}.{s}.{t}" for p, n, v, s, t in rows],
        seq=(a.visit * 100 + step) * 100 + a.tries,
        time=a.at,
        received=a.at + 2 * SECOND,
        type=_named([each.type for each in STEPS], step),
        identifier=known,
        identifiers=shown,
        session=[f"{p:x}-{n:x}-{v}" for p, n, v, _s, _t in rows],
        channel=_named(CHANNELS, a.channel),
        service=_named([each.service for each in STEPS], step),
        component=_named([each.key for each in COMPONENTS], a.component),
        environment="production",
        version=_versions(run),
        outcome=_named(OUTCOMES, outcome),
        latency_ms=np.round(a.latency, 1),
        value=np.where(last, intents.value[i], np.nan),
        currency=_named(["EUR"], np.where(last, 0, -1)),
        trace=[f"{p:08x}{n:08x}{v:04x}{s:04x}{t:08x}" for p, n, v, s, t in rows],
        data=_attempt_data(run),
    )


def _attempt_data(run: Run) -> list[str]:
    a, intents = run.walked.attempts, run.intents
    about = _about(run.people, intents.person[a.intent], a.channel)
    amounts = intents.amount[a.intent]
    rows = zip(about, a.tries, a.component, a.slowest_ms, amounts, strict=True)
    return [
        f'{who},"try":{tries + 1}'
        + (f',"slowest_ms":{slowest:.0f}' if component >= 0 else "")
        + (f',"amount":{amount:.2f}}}' if amount else "}")
        for who, tries, component, slowest, amount in rows
    ]


def _about(people: People, person: Int, channel: Int) -> list[str]:
    """JSON of what is known of a person, without its closing brace."""
    rows = zip(
        _named(LANGUAGES, people.language[person]),
        _named(REGIONS, people.region[person]),
        device_names(people.phone[person], channel),
        strict=True,
    )
    return [
        f'{{"language":"{language}","region":"{region}","device":"{device}"'
        for language, region, device in rows
    ]


def _who(run: Run) -> tuple[Texts, Texts]:
    """Identifiers of the attempts, and those shown beside: by account once the company knows who it is."""
    a, intents = run.walked.attempts, run.intents
    i, at, channel = a.intent, a.at, a.channel
    told = np.where(intents.journey == JOIN, np.iinfo(np.int64).max, 0)
    passed = (a.step == IDENTIFY) & (a.outcome == OK)
    np.minimum.at(told, i[passed], at[passed])
    used = np.zeros((len(intents), len(CHANNELS)), np.bool_)
    used[i, channel] = True
    used[:, 0] |= used[:, 3]
    accounts = at >= told[i]
    known = np.empty(len(i), np.object_)
    person = intents.person[i]
    known[accounts] = [account(each) for each in person[accounts].tolist()]
    known[~accounts] = [
        _nameless(who, where)
        for who, where in zip(person[~accounts].tolist(), channel[~accounts], strict=True)
    ]
    shown = np.full(len(i), None, np.object_)
    for row in np.flatnonzero(passed & (told[i] == at)):
        # Whoever signs gives a telephone number, whether they called or not.
        names = (
            _nameless(int(person[row]), where) for where in range(3) if where == 2 or used[i[row], where]
        )
        shown[row] = "[" + ",".join(f'"{name}"' for name in names) + "]"
    return known, shown


def _nameless(person: int, channel: int) -> str:
    """By what a system knows somebody who has not said who it is: the phone's number, else the device."""
    if channel == 2:
        return f"phone:+467{person:08d}"
    return f"device:{'m' if channel == 1 else 'd'}{person:07x}"


def _versions(run: Run) -> Texts:
    """The app's version on the phone, the site's on the web; elsewhere the customer runs none."""
    a = run.walked.attempts
    found = np.full(len(a.at), None, np.object_)
    app, web = run.releases.series[APP], run.releases.series[WEB]
    rows = a.channel == 1
    delay = run.people.upgrade[run.intents.person[a.intent[rows]]]
    found[rows] = _named(app.versions, app.at(a.at[rows] - (delay * 86_400 * SECOND).astype(np.int64)))
    rows = a.channel == 0
    found[rows] = _named(web.versions, web.at(a.at[rows]))
    return found


def _declined(run: Run) -> pa.Table:
    """The credit check said no: the journey has ended otherwise."""
    i, at, channel = run.walked.declined
    person = run.intents.person[i]
    return _table(
        len(i),
        source=_named(SOURCES, channel),
        id=[f"{each:x}-declined" for each in person.tolist()],
        seq=np.full(len(i), 90_000),
        time=at,
        received=at + 2 * SECOND,
        type=DECLINED,
        identifier=[_nameless(who, where) for who, where in zip(person.tolist(), channel, strict=True)],
        channel=_named(CHANNELS, channel),
        service="accounts",
        environment="production",
        outcome="refused",
        data=[f"{each}}}" for each in _about(run.people, person, channel)],
    )


def _doubled(run: Run) -> pa.Table:
    i, at, channel = run.doubled
    person = run.intents.person[i]
    return _table(
        len(i),
        source=_named(SOURCES, channel),
        id=[
            f"{p:x}-{n:x}-twice" for p, n in zip(person.tolist(), run.intents.number[i].tolist(), strict=True)
        ],
        seq=np.full(len(i), 90_000),
        time=at,
        received=at + 2 * SECOND,
        type=DOUBLE,
        identifier=[account(each) for each in person.tolist()],
        channel=_named(CHANNELS, channel),
        service="payments",
        component="payment-hub",
        environment="production",
        outcome="fault",
        value=run.intents.amount[i],
        currency="EUR",
        data=[f"{each}}}" for each in _about(run.people, person, channel)],
    )


def _catalogue(run: Run) -> Texts:
    """By contact what its ticket says of the desk's catalogue, as it stands in JSON."""
    contacts = run.contacts
    u = Draws(run.plan.seed).uniform(Purpose.CATALOGUE, contacts.person, contacts.number)
    said = np.full(len(contacts), "", np.object_)
    for topic, key in enumerate(each.key for each in TOPICS):
        services, shares = zip(*CATALOGUE[key], strict=True)
        rows = np.flatnonzero((contacts.topic == topic) & (u[0] < CATALOGUED))
        chosen = np.searchsorted(np.cumsum(shares)[:-1], u[1][rows], side="right")
        said[rows] = np.array([f',"service":"{each}"' for each in services], np.object_)[chosen]
    return said


def _desk(run: Run) -> pa.Table:
    t, contacts = run.tickets, run.contacts
    person, number = contacts.person[t.contact], contacts.number[t.contact]
    topic, channel = contacts.topic[t.contact], contacts.channel[t.contact]
    tickets = [f"T-{p:x}-{n:x}" for p, n in zip(person.tolist(), number.tolist(), strict=True)]
    about = _about(run.people, person, channel)
    said = _catalogue(run)[t.contact]
    rows = zip(about, _named([each.key for each in TOPICS], topic), said, t.way, strict=True)
    joining = person >= run.people.customers
    names = [
        _nameless(who, 2) if new else account(who) for who, new in zip(person.tolist(), joining, strict=True)
    ]
    return _table(
        len(person),
        source=DESK,
        id=[f"{ticket}.{nth}" for ticket, nth in zip(tickets, t.nth, strict=True)],
        seq=t.nth,
        time=t.at,
        received=t.at + 2 * SECOND,
        type=_named(TICKET_TYPES, t.type),
        identifier=names,
        channel=_named(CHANNELS, channel),
        outcome=_named(["ok"], np.where(t.way >= 0, 0, -1)),
        team=_named(TEAMS, t.team),
        tier=t.tier.astype(str).astype(np.object_),
        ticket=tickets,
        data=[
            f'{who},"topic":"{what}"{service}' + (f',"resolution":"{what} {way + 1}"}}' if way >= 0 else "}")
            for who, what, service, way in rows
        ],
    )


def _deployments(run: Run) -> pa.Table:
    rows = [
        (int(at), COMPONENTS[series.component], version, change)
        for series in run.releases.series
        for at, version, change in zip(series.times, series.versions, series.changes, strict=True)
        if at >= run.plan.start
    ]
    times = np.array([row[0] for row in rows], np.int64)
    return _table(
        len(rows),
        source=PIPELINE,
        id=[f"{row[1].key}@{row[2]}" for row in rows],
        seq=np.zeros(len(rows), np.int64),
        time=times,
        received=times + 2 * SECOND,
        type="deployment",
        service=[row[1].service for row in rows],
        component=[row[1].key for row in rows],
        environment="production",
        version=[row[2] for row in rows],
        outcome="ok",
        change=[row[3] for row in rows],
    )
