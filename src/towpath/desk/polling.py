"""Fetching what changed at a helpdesk, and taking it in as a file of its tickets would be.

A batch of tickets becomes rows, is masked, and goes through the ordinary import: nothing counts twice, and
what is refused lies in quarantine. After each batch the connection notes how far it has come; killed
anywhere, the next look begins there, a little before: helpdesks' clocks and ours differ.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping as Dictionary
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.desk.importers.masking import SECTION as MASK
from towpath.desk.importers.masking import begin
from towpath.desk.importers.proposal import propose
from towpath.desk.importers.remote import PAGES, Fetched, NotUnderstood, Wanted
from towpath.desk.importers.snapshots import COLUMNS, written
from towpath.desk.models import Connection
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.events.actions import confirm_import, draft_import
from towpath.events.importers import ImportFailed
from towpath.events.importers.chunks import Row
from towpath.events.ingest import run_import
from towpath.events.lake import LakeBusy
from towpath.events.mapping import Mapping, dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.store import in_turn
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import home
from towpath.foundation.outbox.fetching import fetch, host_of
from towpath.foundation.outbox.sealing import unsealed
from towpath.foundation.outbox.webhooks import NotDelivered

OVERLAP = timedelta(minutes=5)
BATCH = 1_000
"""Tickets that are taken in at once."""
RUN_S = 240.0
"""A look ends after so long; the next goes on."""
REFUSED_WAIT_S, BUSY_WAIT_S = 3_600.0, 300.0
_BUSY = (429, 502, 503, 504)


class _Waiting(Exception):
    """The helpdesk does not want to be asked for so many seconds; the text says why."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


def due(now: datetime) -> list[int]:
    """Connections whose next look has come."""
    rows = Connection.objects.filter(active=True)
    return [row.pk for row in rows if row.not_before is None or row.not_before <= now]


def poll(actor: Actor, connection_id: int) -> int:
    """Fetch and take in what changed; returns the number of tickets. What goes wrong is noted with the
    connection. One look at a time: where another is under way, nothing is done. Raises PermissionDenied."""
    require(actor, MANAGE_DESK)
    try:
        with in_turn(f"desk-connection-{connection_id}", 0):
            row = Connection.objects.filter(pk=connection_id).first()
            return 0 if row is None else _look(row)
    except LakeBusy:
        return 0


def _look(row: Connection) -> int:
    before, problem, wait = row.tickets, "", float(row.every_s)
    try:
        _fetch_all(row)
    except _Waiting as waiting:
        problem, wait = str(waiting), max(waiting.seconds, 1.0)
    except (NotDelivered, NotUnderstood, ImportFailed, DocumentError) as error:
        problem = str(error)
    except InvalidToken:
        problem = _("The secret cannot be read any more, as the home's key is another: connect anew.")
        wait = REFUSED_WAIT_S
    row.problem, row.not_before = problem, timezone.now() + timedelta(seconds=wait)
    row.fetched_at = row.fetched_at if problem else timezone.now()
    row.save(update_fields=["problem", "not_before", "fetched_at"])
    return row.tickets - before


def _fetch_all(row: Connection) -> None:
    secret, until = unsealed(row.secret), time.monotonic() + RUN_S
    now = timezone.now()
    since = row.cursor - OVERLAP if row.cursor else None
    wanted = Wanted(since, now, row.url, row.query, row.table)
    gathered: list[Fetched] = []
    for page in PAGES[row.kind](lambda path, query: _asked(row, secret, path, query), wanted):
        gathered += page
        if len(gathered) >= BATCH:
            _take(row, gathered)
            gathered = []
        if time.monotonic() > until:
            break
    if gathered:
        _take(row, gathered)


def _asked(row: Connection, secret: str, path: str, query: Dictionary[str, str]) -> Any:
    given = f"{row.account}:{secret}".encode()
    proof = f"Basic {b64encode(given).decode()}" if row.account else f"Bearer {secret}"
    answer = fetch(row.url + path, query, {"Authorization": proof}, private=settings.WEBHOOKS_PRIVATE)
    told = {"host": host_of(row.url), "status": answer.status}
    if answer.status in _BUSY:
        raise _Waiting(
            _("%(host)s asks to wait (status %(status)d).") % told, answer.retry_after_s or BUSY_WAIT_S
        )
    if answer.status in (401, 403):
        raise _Waiting(
            _("%(host)s does not let this account in (status %(status)d): look at account and secret.")
            % told,
            REFUSED_WAIT_S,
        )
    if answer.status != 200:
        raise NotDelivered(_("%(host)s answered with %(status)d.") % told, answer.status)
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotUnderstood(_("%(host)s answered with something that is no JSON.") % told) from error


def _take(row: Connection, gathered: list[Fetched]) -> None:
    """Take a batch in, and note how far that is."""
    fresh = {each.number: each for each in gathered if row.seen.get(each.number) != written(each.updated)}
    if fresh:
        _import(row, list(fresh.values()))
    last = max(each.updated for each in gathered)
    row.cursor = max(row.cursor, last) if row.cursor else last
    recent = {**row.seen, **{each.number: written(each.updated) for each in gathered}}
    horizon = written(row.cursor - 2 * OVERLAP) or ""
    row.seen = {number: updated for number, updated in recent.items() if updated >= horizon}
    row.tickets += len(fresh)
    row.save(update_fields=["cursor", "seen", "tickets", "mapping"])


def _import(row: Connection, fetched: list[Fetched]) -> None:
    rows: list[Row] = [each for ticket in fetched for each in ticket.rows]
    refused: list[Row] = [{"number": each.number, "reason": each.refused} for each in fetched if each.refused]
    mapping = _mapping(row, rows)
    asked = begin(mapping)
    if asked is not None:
        rows = [asked.row(each) for each in rows]
    path = home().uploads / f"{uuid4().hex}-{row.name}.jsonl"
    encode = msgspec.json.Encoder().encode
    with path.open("xb") as file:
        path.chmod(0o600)
        file.writelines(encode(each) + b"\n" for each in [*rows, *refused])
    actor, text = Actor("operator", name=f"connection {row.name}"), dump_mapping(mapping)
    try:
        draft = draft_import(actor, path, f"{row.name}.jsonl", mapping=text, uploaded=True)
        done = run_import(confirm_import(actor, draft, text))
    finally:
        path.unlink(missing_ok=True)
    if done.error:
        raise ImportFailed(done.name, None, done.error, "")


def _mapping(row: Connection, rows: list[Row]) -> Mapping:
    """The connection's own; made with its first tickets, for every column that there may be."""
    if not row.mapping:
        every: Row = dict.fromkeys(COLUMNS, "1") | {
            "time": "2000-01-01T00:00:00Z",
            "kind": None,
            "state": None,
        }
        whole = row.kind != Connection.Kind.SERVICENOW
        mapping, _doubts = propose(row.name, [every, *rows], format_name="jsonl", whole=whole)
        sections = {**mapping.sections, MASK: "true" if row.mask else "false"}
        row.mapping = dump_mapping(replace(mapping, sections=sections))
    return load_mapping(row.mapping, row.name)
