"""Networks are scanned that an administrator authorised by name; no packet is sent to others."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.estate.actions.reports import take_in
from towpath.estate.models import Discovery, ScanRange
from towpath.estate.queries.ranges import SOURCE
from towpath.estate.rules.permissions import AUTHORISE_SCANS, WRITE_ESTATE
from towpath.estate.rules.ranges import networks_in, outside, ports_in
from towpath.estate.sources.nmap import read_nmap
from towpath.estate.sources.report import ReportRefused
from towpath.estate.sources.scanning import ScanFailed, look_at
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
SHORTEST_S = 300


def authorise(
    actor: Actor, name: str, networks: str, *, ports: str = "", every_s: int = 0, because: str = ""
) -> ScanRange:
    """Allow that these networks are scanned under a name, by hand or every so many seconds. Raises
    ValidationError with what is wrong, PermissionDenied."""
    if not _NAME.fullmatch(name):
        raise ValidationError(_("A range's name has small letters, digits and dashes, like office."))
    if every_s and every_s < SHORTEST_S:
        raise ValidationError(_("Scan at most every five minutes: each scan is work for all that answer."))
    try:
        wanted, asked = networks_in(networks), ports_in(ports)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    with writing(actor, "estate.range_authorised", AUTHORISE_SCANS) as write:
        if ScanRange.objects.filter(name=name).exists():
            raise ValidationError(
                _("A range %(name)s is authorised already: withdraw it first.") % {"name": name}
            )
        made = ScanRange.objects.create(
            name=name,
            networks="\n".join(map(str, wanted)),
            ports=asked,
            every_s=every_s,
            because=because[:500],
            authorised_by=(actor.name or actor.kind)[:200],
        )
        write.about(made, after={"networks": made.networks, "ports": asked, "every_s": every_s})
    return made


def withdraw(actor: Actor, name: str) -> None:
    """The range is scanned no more; what was found stays. Raises Http404, PermissionDenied."""
    with writing(actor, "estate.range_withdrawn", AUTHORISE_SCANS) as write:
        row = fetch(ScanRange, actor, name=name)
        write.about(row, before={"networks": row.networks, "ports": row.ports})
        row.delete()


def ask_for_scan(actor: Actor, name: str) -> None:
    """Note who wants an authorised range scanned (enqueue `scan_range` then). Raises Http404 where nobody
    authorised one of the name, PermissionDenied."""
    with writing(actor, "estate.scan_asked_for", WRITE_ESTATE) as write:
        write.about(fetch(ScanRange, actor, name=name))


def scan(actor: Actor, name: str, only: str = "") -> Discovery:
    """Look at an authorised range now, or `only` at some addresses of it. Raises Http404 where nobody
    authorised a range of the name, ValidationError for addresses outside of it (both before a packet is
    sent), ScanFailed, PermissionDenied."""
    with writing(actor, "estate.scan_begun", WRITE_ESTATE) as write:
        row = fetch(ScanRange, actor, name=name)
        allowed = networks_in(row.networks)
        try:
            wanted = networks_in(only) if only.strip() else allowed
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if beyond := outside(wanted, allowed):
            told = _("%(network)s lies outside of the range %(name)s, so nothing was sent.")
            raise ValidationError(told % {"network": beyond[0], "name": name})
        write.about(row, after={"networks": [str(each) for each in wanted]})
    begun = timezone.now()
    try:
        with TemporaryDirectory(dir=home().uploads) as folder:
            place = Path(folder) / "scan.xml"
            look_at(wanted, row.ports, place)
            report = read_nmap(place)
    except (ScanFailed, ReportRefused) as error:
        ScanRange.objects.filter(pk=row.pk).update(scanned_at=begun, problem=str(error)[:500])
        raise ScanFailed(str(error)) from error
    ScanRange.objects.filter(pk=row.pk).update(scanned_at=begun, problem="")
    return take_in(actor, SOURCE.format(name=name), report)
