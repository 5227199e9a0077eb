"""`towpath customer` and `towpath customers`: one customer's story and who they are, and the rules by which
identifiers are joined. With `--json` each prints the record that API and page show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.customers.actions import deciding, relating, ruling
from towpath.customers.joining.observing import key_of
from towpath.customers.models import Relationship
from towpath.customers.queries import PAGE, identities, story
from towpath.customers.schemas import Story
from towpath.customers.telling import plainly
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.paging import FURTHEST

MOST_EVENTS = 5_000
WHY = click.option("--why", default="", help="The reason, which stays on record.")
DIGITS = {"ignore_unknown_options": True}
"""A key may be below zero, and is no option for that."""


@click.group("customer")
def customer_group() -> None:
    """What one customer met, who they are, and what people say about that."""


@customer_group.command("story", context_settings=DIGITS)
@click.argument("key", type=click.IntRange(-(1 << 63), (1 << 63) - 1))
@click.option(
    "--offset", type=click.IntRange(0, FURTHEST), default=0, show_default=True, help="Events to pass over."
)
@click.option(
    "--limit", type=click.IntRange(1, MOST_EVENTS), default=PAGE, show_default=True, help="How many events."
)
@AS_JSON
def tell(key: int, offset: int, limit: int, as_json: bool) -> None:
    """Everything that the customer, or the case, with this KEY met (`towpath people` prints keys).

    The look is kept in the audit log.
    """
    found = story(OPERATOR, key, offset=offset, limit=limit)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)


def _print(found: Story) -> None:
    click.echo(f"{found.name}  {found.total} events, {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}")
    for event in found.events:
        said = ", ".join(plainly(event).said)
        click.echo(
            f"{event.time:%Y-%m-%d %H:%M:%S}  {event.source}  {event.type}" + (f"  ({said})" if said else "")
        )


@customer_group.command("show", context_settings=DIGITS)
@click.argument("customer")
@AS_JSON
def show(customer: str, as_json: bool) -> None:
    """By which identifiers CUSTOMER (key, or identifier such as mail:a@b.example) is known, and why."""
    found = identities.known_as(OPERATOR, identities.named(OPERATOR, customer))
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(f"{found.key}  {found.name}")
    for each in found.identifiers:
        ties = ", ".join(f"{why.other} {why.confidence:.0%}" for why in each.why)
        told = _("  shared by many") if each.shared else f"  ({ties})" if ties else ""
        click.echo(f"  {each.written}  {each.source}{told}")
    for question in found.questions:
        click.echo(f"? {question.id}  {question.reason_in_words}")
    for related in found.relationships:
        click.echo(
            _("= %(id)d  %(member)s is %(role)s of %(of)s")
            % {"id": related.id, "member": related.member, "role": related.role_in_words, "of": related.of}
        )
    for said in found.decisions:
        undone = _(" (undone)") if said.undone_at else ""
        click.echo(f"! {said.id}  {', '.join((*said.left, *said.right))}: {said.verdict_in_words}{undone}")


@customer_group.command("export", context_settings=DIGITS)
@click.argument("customer")
def export(customer: str) -> None:
    """Print everything that is held about CUSTOMER as JSON: identifiers, links, events, and who looked."""
    found = identities.export_customer(OPERATOR, identities.named(OPERATOR, customer))
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


@customer_group.command("merge", context_settings=DIGITS)
@click.argument("customer", nargs=-1, required=True)
@WHY
def merge(customer: tuple[str, ...], why: str) -> None:
    """Say that these are one CUSTOMER; prints the key that they have now."""
    keys = [identities.named(OPERATOR, each) for each in customer]
    with _deciding():
        click.echo(deciding.merge(OPERATOR, keys, why))


@customer_group.command("part")
@click.argument("identifier", nargs=-1, required=True)
@WHY
def part(identifier: tuple[str, ...], why: str) -> None:
    """Say that each IDENTIFIER (as `customer show` prints it) is somebody else's; prints whose key."""
    with _deciding():
        click.echo(deciding.part(OPERATOR, [key_of(each) for each in identifier], why))


@customer_group.command("undo")
@click.argument("decision", type=click.IntRange(1))
def undo(decision: int) -> None:
    """Take back the DECISION with this number, as if it had never been made."""
    with _deciding():
        deciding.undo(OPERATOR, decision)


@customer_group.command("relate", context_settings=DIGITS)
@click.argument("customer")
@click.argument("role", type=click.Choice(Relationship.Role.values))
@click.argument("other")
def relate(customer: str, role: str, other: str) -> None:
    """Say that CUSTOMER is a user, customer or sponsor of the customer OTHER; prints the number of that."""
    member, of = (identities.named(OPERATOR, each) for each in (customer, other))
    with _deciding():
        click.echo(relating.relate(OPERATOR, member, of, role))


@customer_group.command("unrelate")
@click.argument("relationship", type=click.IntRange(1))
def unrelate(relationship: int) -> None:
    """Take back the RELATIONSHIP with this number (as `customer show` prints it)."""
    relating.unrelate(OPERATOR, relationship)


@click.group("customers")
def customers_group() -> None:
    """Who is who: the rules by which identifiers are joined, and what is still open."""


@customers_group.command("resolve")
@AS_JSON
def resolve(as_json: bool) -> None:
    """Find anew who is who, from all events and by the rules in force."""
    outcome = asdict(ruling.resolve_anew(OPERATOR))
    click.echo(msgspec.json.encode(outcome).decode() if as_json else _resolved(outcome))


@customers_group.command("questions")
@click.option("--top", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many.")
@AS_JSON
def questions(top: int, as_json: bool) -> None:
    """Identifiers that could be one customer or several, and wait for a person."""
    found = [identities.question_of(row) for row in identities.open_questions(OPERATOR)[:top]]
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        others = ", ".join(name for _key, name in each.candidates)
        click.echo(f"{each.id}  {each.subject_name} | {others}: {each.reason_in_words}")


@customers_group.group("rules")
def rules() -> None:
    """The rules by which identifiers are joined."""


@rules.command("export")
def export_rules() -> None:
    """Print the rules in force as YAML."""
    click.echo(identities.export_rules(OPERATOR), nl=False)


@rules.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS_JSON
def apply_rules(file: Path, as_json: bool) -> None:
    """Make the YAML FILE the rules in force. A worker then finds anew who is who."""
    try:
        applied = ruling.apply_rules(OPERATOR, file.read_text(encoding="utf-8"), file.name)
    except (DocumentError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.encode(applied).decode())
        return
    told = _("version %(number)d is in force") if applied.new else _("unchanged, version %(number)d")
    click.echo(told % {"number": applied.version})


@contextmanager
def _deciding() -> Iterator[None]:
    try:
        yield
    except deciding.CannotDecide as error:
        raise click.ClickException(str(error)) from error


def _resolved(outcome: dict[str, int]) -> str:
    told = _(
        "%(looked_at)d identifiers looked at, %(placed)d placed; customers: %(joined)d joined into others, "
        "%(parted)d parted; %(asked)d new questions"
    )
    return told % outcome


COMMANDS = (customer_group, customers_group)
