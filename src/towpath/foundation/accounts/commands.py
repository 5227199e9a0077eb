"""Commands: accounts and API keys, for the operator of this machine."""

from __future__ import annotations

import sys

import click
import msgspec
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.accounts import queries
from towpath.foundation.accounts.actions import keys as key_actions
from towpath.foundation.accounts.actions import people
from towpath.foundation.accounts.rules import USUAL_KEY_DAYS
from towpath.foundation.operations.command_line import AS_JSON
from towpath.foundation.people.rules import Role

ROLE = click.Choice([role.value for role in Role])
FROM_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of drawing one."
)


def _given_password(from_stdin: bool) -> str:
    """The first line of standard input. An argument would stand in the shell's history and in `ps`."""
    if not from_stdin:
        return ""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError(_("Standard input holds no password: write it on one line."))
    return password


@click.group()
def user() -> None:
    """Accounts: who can sign in, and what they may do."""


@user.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=ROLE, help="May be given more than once.")
@click.option("--email", default="", help="They can sign in with it as well.")
@FROM_STDIN
def create_user(name: str, roles: tuple[str, ...], email: str, password_stdin: bool) -> None:
    """Make an account; a drawn password is printed alone."""
    made = people.create_person(OPERATOR, name, roles, email=email, password=_given_password(password_stdin))
    if not password_stdin:
        click.echo(made.password)


@user.command("password")
@click.argument("name")
@FROM_STDIN
def reset_password(name: str, password_stdin: bool) -> None:
    """Give an account a new password; a drawn one is printed alone."""
    told = people.reset_password(OPERATOR, name, password=_given_password(password_stdin))
    if not password_stdin:
        click.echo(told)


@user.command("grant")
@click.argument("name")
@click.argument("role", type=ROLE)
def grant(name: str, role: str) -> None:
    """Give an account a role."""
    people.grant_role(OPERATOR, name, role)


@user.command("revoke")
@click.argument("name")
@click.argument("role", type=ROLE)
def revoke(name: str, role: str) -> None:
    """Take a role away from an account."""
    people.revoke_role(OPERATOR, name, role)


@user.command("close")
@click.argument("name")
def close(name: str) -> None:
    """Nobody can sign in with this account any more."""
    people.close_account(OPERATOR, name)


@user.command("reopen")
@click.argument("name")
def reopen(name: str) -> None:
    """Open a closed account again."""
    people.reopen_account(OPERATOR, name)


@user.command("list")
@AS_JSON
def list_users(as_json: bool) -> None:
    """Everybody who has an account."""
    found = queries.people(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for record in found:
        state = "" if record.active else _("  (closed)")
        click.echo(f"{record.username}  {', '.join(record.roles)}{state}")


@click.group()
def keys() -> None:
    """API keys: how programs sign in."""


@keys.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="A permission, such as events:read.")
@click.option("--days", default=USUAL_KEY_DAYS, show_default=True, help="How long the key works.")
def create_key(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a key that acts for nobody in particular. Prints the key alone; it is shown this once."""
    click.echo(key_actions.create_key(OPERATOR, name, scopes, days=days).text)


@keys.command("list")
@AS_JSON
def list_keys(as_json: bool) -> None:
    """All keys, without their secrets."""
    found = queries.keys(OPERATOR)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for record in found:
        state = _("works") if record.works else _("stopped") if record.revoked else _("expired")
        click.echo(f"{record.prefix}  {record.name}  {', '.join(record.scopes)}  {state}")


@keys.command("revoke")
@click.argument("prefix")
def revoke_key(prefix: str) -> None:
    """Stop a key for good. PREFIX is what `towpath keys list` shows."""
    key_actions.revoke_key(OPERATOR, prefix)


COMMANDS = (user, keys)
