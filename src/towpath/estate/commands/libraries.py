"""`towpath estate libraries`, `library`, `licences` and `towpath advisories show`."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.estate.commands.group import estate
from towpath.estate.commands.software import advisories
from towpath.estate.queries import libraries as queries
from towpath.estate.queries.advisories import advisory
from towpath.estate.schemas.carrying import Carrying
from towpath.estate.schemas.exposures import ExposureShown
from towpath.estate.schemas.libraries import LicenceKind
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import number


@estate.command("libraries")
@click.argument("words", nargs=-1)
@click.option("--licence", help="Of this licence; '' for those of which none is known.")
@AS_JSON
def list_libraries(words: tuple[str, ...], licence: str | None, as_json: bool) -> None:
    """Packages that something of the estate holds, by name; WORDS stand in their package URL."""
    found = queries.library_list(OPERATOR, " ".join(words), licence)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.libraries:
        weak = _("%(count)s open exposures") % {"count": number(each.weak)} if each.weak else ""
        words = (each.purl, ", ".join(each.versions), ", ".join(each.licences), weak)
        click.echo("  ".join(filter(None, words)))
    if found.in_all > len(found.libraries):
        click.echo(_("%(count)s in all: narrow it down.") % {"count": number(found.in_all)}, err=True)


@estate.command("library")
@click.argument("purl")
@AS_JSON
def show_library(purl: str, as_json: bool) -> None:
    """The package of PURL: versions held, holders, weaknesses, licences, and end of life."""
    found = queries.library(OPERATOR, purl)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(found.library.purl)
    for each in found.versions:
        held = ", ".join(holder.name for holder in each.holders)
        click.echo("  ".join(filter(None, (f"  {each.version}", ", ".join(each.licences), held))))
        end = each.end_of_life
        if end is not None and (end.ended or end.ends):
            told = _("mended no more") if end.ended else _("mended until")
            of_day = f"(endoflife.date {end.of_day})"
            click.echo(
                "  ".join(filter(None, (f"    {end.product} {end.cycle}", told, str(end.ends or ""), of_day)))
            )
    _tell(found.exposures, found.carried)


@estate.command("licences")
@click.argument("words", nargs=-1)
@click.option("--only", default="", type=click.Choice(["", "spdx", "other", "unknown"]), help="Of this kind.")
@AS_JSON
def list_licences(words: tuple[str, ...], only: LicenceKind, as_json: bool) -> None:
    """Licences of all libraries, the most used first, and who holds them."""
    found = queries.licence_list(OPERATOR, " ".join(words), only)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found.licences:
        held = ", ".join(holder.name for holder in each.holders)
        click.echo(f"{number(each.versions)}  {each.licence or _('unknown')}  {held}")


@advisories.command("show")
@click.argument("named", metavar="ID")
@AS_JSON
def show_advisory(named: str, as_json: bool) -> None:
    """What the advisory ID says, and who holds what it affects."""
    found = advisory(OPERATOR, named)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    score = "" if found.score is None else f"CVSS {found.score}"
    click.echo("  ".join(filter(None, (*found.names, found.severity, score))))
    click.echo(found.title)
    if found.exploited is not None:
        click.echo(_("exploited (CISA, %(day)s)") % {"day": found.exploited.of_day})
    for each in found.packages:
        click.echo(f"  {each.ecosystem} {each.name}  {', '.join(each.fixed_in)}")
    _tell(found.exposures, found.carried)


def _tell(exposures: tuple[ExposureShown, ...], carried: Carrying | None) -> None:
    for each in exposures:
        words = (
            f"#{each.id}",
            each.purl,
            each.advisory,
            each.status_in_words,
            str(each.deadline),
            each.carrier_name,
        )
        click.echo("  ".join(filter(None, words)))
    if carried is not None:
        click.echo(_("%(count)s customers a week meet it") % {"count": number(carried.customers_a_week)})
