"""The invented company's events come into a home that holds nothing else, as any source's do."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.catalogue.actions.importing import apply_catalogue
from towpath.customers.joining.following import resolve_everything
from towpath.desk.actions.calls import take_calls
from towpath.desk.actions.desks import make_desk
from towpath.desk.rules.call_lists import CallMapping
from towpath.events import keys
from towpath.events.announcements import EventsAbsorbed
from towpath.events.envelope import EVENT_SCHEMA, subject_key
from towpath.events.lake import Staging
from towpath.events.rules import WRITE_EVENTS
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home
from towpath.foundation.outbox.announcing import announce
from towpath.journeys.actions import apply_journey
from towpath.journeys.models import Journey
from towpath.site.demo.company import calls
from towpath.site.demo.company.landscape import DESK, JOURNEYS, NAME
from towpath.site.demo.definitions import declared_text, text_of
from towpath.site.demo.estate import fill_estate

DESK_READING = """
name: service-desk
kind: contact
states: {working: [contact.opened, ticket.assigned], resolved: [ticket.solved]}
tiers: {column: tier}
topic: data.topic
service: data.service
solved_by: data.resolution
"""
"""How the company's tickets are read. Nobody there says when work on one begins: it is taken to be worked on
as long as a team has it."""


class NotEmpty(ValueError):
    """The home holds events that were not invented; the text says what to do."""


class Filled(msgspec.Struct, frozen=True):
    """What came in. `identifiers`: how many were looked at to find out who is who."""

    events: int
    sources: dict[str, int]
    journeys: tuple[str, ...]
    identifiers: int


def refuse_filled() -> None:
    """Raises NotEmpty where the home holds events already: invented ones must never lie among real ones."""
    held = lake().snapshot().rows + inbox().fill().events
    drawn = Journey.objects.count()
    if held or drawn:
        raise NotEmpty(
            _(
                "This home already holds %(events)s events and %(journeys)s journeys. The demo company needs "
                "a home of its own: set TOWPATH_HOME to an empty folder and give the command again."
            )
            % {"events": f"{held:,}", "journeys": drawn}
        )


def fill_home(actor: Actor, events: pa.Table) -> Filled:
    """Put a run's events (`company.tables.COLUMNS`) and the journeys into the home, and find out who is who.

    Raises NotEmpty, PermissionDenied, LakeError.
    """
    require(actor, WRITE_EVENTS)
    refuse_filled()
    for key in JOURNEYS:
        apply_journey(actor, text_of(key), f"{key}.yaml")
    staging = Staging(home().staging, "demo-company")
    staging.discard()
    staging = Staging(home().staging, "demo-company")
    table = _received_now(enveloped(events))
    for batch in table.to_batches(max_chunksize=200_000):
        staging.append(batch)
    absorbed = lake().absorb(staging)
    sources = _by_source(table)
    with writing(actor, "demo.filled", WRITE_EVENTS) as write:
        write.target = NAME
        write.after = {"events": absorbed.written}
        for source, count in sources.items():
            announce(EventsAbsorbed(source=source, written=count, months=absorbed.months))
    make_desk(actor, DESK, DESK_READING, "desk.yaml")
    fill_estate(actor, timezone.now())
    apply_catalogue(actor, [("catalogue.yaml", declared_text())])
    take_calls(actor, calls.SERIES, calls.call_list(_ended(events)), CallMapping(zone=calls.ZONE))
    # At once, so that whoever looks next sees whole customers, whether a worker runs or not.
    joined = resolve_everything()
    while keys.rounds():
        lake().settle_keys(keys)
    return Filled(absorbed.written, sources, tuple(JOURNEYS), joined.looked_at)


def _ended(events: pa.Table) -> date:
    """The day on which the company's history ends."""
    last: datetime = pc.max(events["time"]).as_py()
    return last.date()


def _received_now(table: pa.Table) -> pa.Table:
    """As of a file of the past: no source of the company is waited for once its last day is over."""
    place = table.schema.get_field_index("received")
    field = table.schema.field(place)
    now = pa.repeat(pa.scalar(timezone.now(), field.type), table.num_rows)
    return table.set_column(place, field, now)


def enveloped(events: pa.Table, *, joined: bool = False) -> pa.Table:
    """The table in the envelope's schema: with the key of whose story each event belongs to.

    `joined`: as it will be once the customers' rules have joined devices and telephones to accounts; for
    those who measure without records.
    """
    columns = {name: events[name] for name in events.column_names}
    columns["key"] = pa.array(_keys(_by_account(events) if joined else events), pa.int64())
    made = [columns.get(field.name, pa.nulls(events.num_rows, field.type)) for field in EVENT_SCHEMA]
    return pa.table(made, schema=EVENT_SCHEMA).combine_chunks()


def _by_account(events: pa.Table) -> pa.Table:
    """Identifiers that were shown beside an account become that account."""
    shown = (
        events.filter(pc.is_valid(events["identifiers"])).select(["identifier", "identifiers"]).to_pylist()
    )
    account = {name: row["identifier"] for row in shown for name in msgspec.json.decode(row["identifiers"])}
    encoded = events["identifier"].combine_chunks().dictionary_encode()
    names = pa.array([account.get(name, name) for name in encoded.dictionary.to_pylist()], pa.string())
    place = events.schema.get_field_index("identifier")
    return events.set_column(place, "identifier", names.take(encoded.indices))


def _keys(events: pa.Table) -> npt.NDArray[np.int64]:
    """Hashed once for each subject: there are far fewer than events."""
    names = pc.coalesce(
        pc.binary_join_element_wise("customer:", events["identifier"], ""),
        pc.binary_join_element_wise(
            "service:", events["source"], ":", pc.fill_null(events["service"], ""), ""
        ),
    )
    encoded = names.combine_chunks().dictionary_encode()
    hashed = np.array([subject_key(name) for name in encoded.dictionary.to_pylist()], np.int64)
    found: npt.NDArray[np.int64] = hashed[encoded.indices.to_numpy()]
    return found


def _by_source(table: pa.Table) -> dict[str, int]:
    counts = pc.value_counts(table["source"]).to_pylist()
    return {each["values"]: each["counts"] for each in counts}
