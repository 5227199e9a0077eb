"""`towpath components`: what hangs on what the events name, and what was found there."""

from __future__ import annotations

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.ui.figures import milliseconds, number, out_of
from towpath.improvement.queries import components as queries
from towpath.improvement.schemas.components import ComponentShown, ComponentSummary


@click.command("components")
@click.argument("name", required=False)
@AS_JSON
def list_components(name: str | None, as_json: bool) -> None:
    """All components that events name, or one with its steps, releases and findings."""
    found = queries.components(OPERATOR) if name is None else queries.component(OPERATOR, name)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    elif isinstance(found, list):
        _print_all(found)
    else:
        _print_one(found)


def _print_all(found: list[ComponentSummary]) -> None:
    if not found:
        click.echo(_("No event names a component."))
    for each in found:
        told = [
            _("%(days)s ruined days a week") % {"days": number(each.ruined_days_per_week)},
            _("%(faults)s faults in %(attempts)s attempts")
            % {"faults": number(each.faults), "attempts": number(each.attempts)},
            _("%(customers)s customers") % {"customers": number(each.customers)},
        ]
        click.echo(f"{each.name}  {', '.join(told)}")


def _print_one(shown: ComponentShown) -> None:
    click.echo(
        _("%(name)s: %(faults)s faults in %(attempts)s attempts")
        % {"name": shown.name, "faults": number(shown.faults), "attempts": number(shown.attempts)}
    )
    for step in shown.steps:
        bad = _("bad: %(share)s") % {"share": out_of(step.bad, step.measured)}
        slow = _("95 of 100 answers within %(time)s") % {"time": milliseconds(step.p95_latency_ms)}
        click.echo(f"  {step.journey_name} › {step.step_name}  {bad}, {slow}")
    for release in shown.releases:
        click.echo(f"  {release.at:%Y-%m-%d %H:%M}  {release.version}")
    for finding in shown.findings:
        click.echo(f"  {finding.digest}  {finding.sentence}  [{finding.state_in_words}]")


COMMANDS = (list_components,)
