"""The first way in: an administrator whose password only the operator of this machine can read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.accounts.actions.people import create_person
from towpath.foundation.accounts.rules import drawn_password
from towpath.foundation.operations.home import home
from towpath.foundation.people.models import Person
from towpath.foundation.people.rules import Role

NAME = "admin"
SECRET = "first-password"  # noqa: S105  (the file's name)


@dataclass(frozen=True)
class FirstSignIn:
    """What to tell the operator: how to sign in, and where the password is kept until somebody has."""

    username: str
    password: str
    path: Path


def ensure_first_administrator() -> FirstSignIn | None:
    """Make `admin` where nobody has an account, and say how to sign in for as long as nobody ever has.

    Returns None, and removes the kept password, once anybody has signed in or the password was changed.
    """
    place = home()
    path = place.secrets / SECRET
    if not Person.objects.exists():
        place.write_secret(SECRET, drawn_password())
        first = create_person(OPERATOR, NAME, [Role.ADMINISTRATOR], password=place.secret(SECRET))
        return FirstSignIn(NAME, first.password, path)
    if not path.exists():
        return None
    password = place.secret(SECRET)
    waiting = Person.objects.filter(username=NAME, is_active=True).first()
    signed_in = Person.objects.filter(last_login__isnull=False).exists()
    if waiting is None or signed_in or not waiting.check_password(password):
        path.unlink(missing_ok=True)
        return None
    return FirstSignIn(NAME, password, path)
