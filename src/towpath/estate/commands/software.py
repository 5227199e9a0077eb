"""`towpath sbom scan` and `towpath advisories import`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.actions.exposures import assess, hold_against_advisories, import_bill
from towpath.estate.actions.vex import take_vex
from towpath.estate.advisories.bringing import Brought
from towpath.estate.advisories.refusing import AdvisoriesRefused
from towpath.estate.bills import BillRefused
from towpath.estate.commands.group import estate
from towpath.estate.commands.telling import tell_discovery
from towpath.estate.models import Assessment
from towpath.estate.queries.discoveries import shown_of
from towpath.estate.queries.exposures import exposures
from towpath.estate.queries.software import scan
from towpath.estate.schemas.software import SoftwareScan, VulnerabilityFound
from towpath.estate.vex.document import VexRefused
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON, DONE, REFUSED
from towpath.foundation.ui.figures import number, percent

PLACE = click.Path(exists=True, path_type=Path)


@click.group("sbom")
def sbom() -> None:
    """What software is made of, and what of it is weak."""


@click.group("advisories")
def advisories() -> None:
    """What is known of weak versions."""


@advisories.command("import")
@click.argument("places", nargs=-1, required=True, type=PLACE)
@AS_JSON
def import_advisories(places: tuple[Path, ...], as_json: bool) -> int:
    """Take in PLACES: folders, zip or tar archives, or files of OSV advisories, CISA's KEV, EPSS scores or
    endoflife.date. What was there already is kept where it is not older. Exit codes: 0 done, 1 something was
    left out."""
    ended, came = DONE, []
    for place in places:
        try:
            found = bring_in_advisories(OPERATOR, place)
        except AdvisoriesRefused as error:
            raise click.ClickException(str(error)) from error
        came.append(found)
        ended = max(ended, REFUSED if found.refused else DONE)
        if not as_json:
            click.echo(f"{place.name}: {_brought(found)}")
            for doubt in found.doubts:
                click.echo(f"  {doubt}", err=True)
    hold_against_advisories(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(came).decode())
    return ended


def _brought(found: Brought) -> str:
    told = (
        _("%(count)s advisories new or newer") % {"count": number(found.advisories)},
        _("%(count)s known already") % {"count": number(found.kept)},
        _("%(count)s known to be exploited") % {"count": number(found.exploited)},
        _("%(count)s scores") % {"count": number(found.likelihoods)},
        _("%(count)s release cycles") % {"count": number(found.cycles)},
    )
    counts = (found.advisories, found.kept, found.exploited, found.likelihoods, found.cycles)
    return ", ".join(text for text, count in zip(told, counts, strict=True) if count)


@sbom.command("scan")
@click.argument("place", metavar="PATH", type=PLACE)
@AS_JSON
def scan_software(place: Path, as_json: bool) -> int:
    """What of PATH is known to be weak: an SBOM (CycloneDX, SPDX), a checkout with lock files, or a Python
    environment. The gravest first. Exit codes: 0 nothing found, 1 something is weak."""
    try:
        found = scan(OPERATOR, place)
    except BillRefused as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _tell(found)
    open_ones = [each for each in found.vulnerabilities if each.status not in {"not_affected", "fixed"}]
    return REFUSED if open_ones else DONE


@sbom.command("import")
@click.argument("place", metavar="PATH", type=PLACE)
@click.option(
    "--for", "named", required=True, metavar="ITEM", help="Which item holds it: number, name or kind:name."
)
@AS_JSON
def import_software(place: Path, named: str, as_json: bool) -> int:
    """The parts of the SBOM or checkout at PATH become libraries of ITEM, and are held against advisories."""
    try:
        found = shown_of(import_bill(OPERATOR, place, named))
    except BillRefused as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return REFUSED if found.doubts else DONE
    return tell_discovery(found)


@sbom.command("vex")
@click.argument("place", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for", "named", default="", metavar="ITEM", help="The item that FILE is about.")
@AS_JSON
def take_in_vex(place: Path, named: str, as_json: bool) -> int:
    """What FILE (OpenVEX 0.2, CSAF 2.0, CycloneDX) says of weaknesses becomes its author's assessment of the
    exposures that it means. Exit codes: 0 done, 1 some of it is about nothing that is here."""
    try:
        found = take_vex(OPERATOR, place, named)
    except VexRefused as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return REFUSED if found.nothing_here else DONE
    told = _(
        "%(author)s (%(format)s): %(statements)s statements, %(assessed)s assessments, %(same)s unchanged"
    )
    counts = {"statements": found.statements, "assessed": found.assessed, "same": found.unchanged}
    shown = {name: number(count) for name, count in counts.items()}
    click.echo(told % {**shown, "author": found.author, "format": found.format})
    for text in found.unmatched:
        click.echo("  " + _("%(place)s is about nothing that is here") % {"place": text}, err=True)
    return REFUSED if found.nothing_here else DONE


@estate.command("exposures")
@AS_JSON
def show_exposures(as_json: bool) -> None:
    """Libraries of the estate in weak versions, the most urgent first, with the day by which to mend them."""
    hold_against_advisories(OPERATOR)
    found = exposures(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    told = _("%(libraries)s libraries, %(open)s exposures open, %(late)s past their day")
    counts = {"libraries": found.libraries, "open": found.open, "late": found.late}
    click.echo(told % {name: number(count) for name, count in counts.items()})
    for each in found.exposures:
        words = (f"#{each.id}", each.library, each.advisory, each.severity, each.status_in_words)
        click.echo("  ".join(filter(None, (*words, str(each.deadline), each.carrier_name))))


@estate.command("assess")
@click.argument("exposure", type=click.IntRange(1, (1 << 63) - 1))
@click.argument("status", type=click.Choice(Assessment.Status.values))
@click.option("--because", default="", help="Why; it is kept with your name.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Of what is accepted: until which day.")
def assess_exposure(exposure: int, status: str, because: str, until: datetime | None) -> None:
    """Say what EXPOSURE is. What others said before stays on record."""
    assess(OPERATOR, exposure, status, because, until.date() if until else None)


def _tell(found: SoftwareScan) -> None:
    told = _("%(parts)s parts, %(identified)s of which advisories can know, %(weak)s findings")
    shown = {"parts": found.parts, "identified": found.identified, "weak": len(found.vulnerabilities)}
    click.echo(told % {name: number(value) for name, value in shown.items()})
    if not any(each.name == "osv" for each in found.knowledge):
        click.echo(_("No advisories were taken in yet: see `towpath advisories import --help`."))
    for each in found.vulnerabilities:
        click.echo("  ".join(filter(None, _words(each))))
        click.echo(f"    {each.title}")
    for ended in found.ended:
        since = f" {ended.ended}" if ended.ended else ""
        click.echo(
            f"{ended.part} {ended.version}: {ended.product} {ended.cycle} " + _("is mended no more") + since
        )
    for text in (*found.doubts, *found.unclear):
        click.echo(f"  {text}", err=True)


def _words(each: VulnerabilityFound) -> tuple[str, ...]:
    exploited = ""
    if each.exploited is not None:
        exploited = _("exploited (CISA, %(day)s)") % {"day": each.exploited.of_day}
    chance = "" if each.likelihood is None else "EPSS " + percent(each.likelihood, 1)
    fixed = _("mended in %(versions)s") % {"versions": ", ".join(each.fixed_in)} if each.fixed_in else ""
    return (
        f"{each.part} {each.version}",
        each.advisory,
        each.severity,
        "" if each.score is None else f"CVSS {each.score}",
        each.status,
        exploited,
        chance,
        fixed,
    )
