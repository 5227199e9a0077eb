"""Which home `towpath up` serves: the demo company's as long as a person's own is empty, else their own.

The demo company lives in `demo/` within the home, with records, lake, inbox and secrets of its own: nothing
of it ever lies among a person's data. Two files in the person's home say what was wanted: `demo.left` and
`demo.wanted`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.store import inbox, lake
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.models import Journey
from towpath.site.keeping.records import sqlite_file

BESIDE = "TOWPATH_DEMO_BESIDE"
"""For the processes that `towpath up` starts: the person's own home."""
LEFT, WANTED, MADE = "demo.left", "demo.wanted", "made"
OF_ANOTHER_HOME = ("TOWPATH_DATABASE_URL", "TOWPATH_LAKE_URL")
STALE_S = 7 * 24 * 3600
"""Its last week is over: the company is made anew, to end today."""


@dataclass(frozen=True)
class Showing:
    """The person's own home, and the demo company's within it."""

    own: Home

    @property
    def demo(self) -> Home:
        return Home(self.own.root / "demo")

    def wanted(self) -> bool:
        """Whether the demo company is to be shown: the own store is empty, and nobody left for it."""
        return not (self.own.root / LEFT).exists() and is_empty()

    def environment(self, *, invented: bool) -> dict[str, str]:
        """What the processes that serve one of both homes are told."""
        told: Mapping[str, str] = os.environ
        if invented:
            told = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_HOME}
        shown = self.demo if invented else self.own
        return {**told, "TOWPATH_HOME": str(shown.root), BESIDE: str(self.own.root)}

    def prepare(self) -> bool:
        """Have a home for the demo company, with the people of the own one; whether it has yet to be made."""
        made = self.demo.root / MADE
        if made.exists() and time.time() - made.stat().st_mtime < STALE_S:
            carry_sessions(self.own.records, self.demo.records)
            return False
        shutil.rmtree(self.demo.root, ignore_errors=True)
        self.demo.prepare()
        # Sessions and passwords are signed with these.
        shutil.copytree(self.own.secrets, self.demo.secrets, dirs_exist_ok=True)
        with sqlite_file(self.own.records) as records:
            records.hold()
            records.copy(self.demo.records)
        return True

    def made(self) -> None:
        """Note that the company is whole."""
        (self.demo.root / MADE).touch()

    def leave(self) -> None:
        """From now on the own store is served."""
        (self.own.root / WANTED).unlink(missing_ok=True)
        (self.own.root / LEFT).touch()

    def want(self) -> None:
        """From now on the demo company is shown, as long as the own store is empty."""
        (self.own.root / LEFT).unlink(missing_ok=True)
        (self.own.root / WANTED).touch()

    def was_left(self) -> bool:
        return (self.own.root / LEFT).exists()

    def was_wanted(self) -> bool:
        """Whether somebody asked for it since; asked once."""
        asked = (self.own.root / WANTED).exists()
        (self.own.root / WANTED).unlink(missing_ok=True)
        return asked


def is_empty() -> bool:
    """Whether this process's home holds nothing of a person's: no event, import, refused record or journey,
    one account at most.

    With PostgreSQL, or a lake elsewhere, several may share a store: it counts as filled.
    """
    if connection.vendor != "sqlite" or any(os.environ.get(name) for name in OF_ANOTHER_HOME):
        return False
    held = (Journey, FileImport, QuarantinedRecord)
    people = Person.objects.count() <= 1 and not any(each._default_manager.exists() for each in held)
    return people and not lake().snapshot().rows and not inbox().fill().events


def is_invented() -> bool:
    """Whether this process serves the demo company."""
    return bool(settings.DEMO_BESIDE) and Path(settings.DEMO_BESIDE) != settings.HOME.root


def may_be_shown() -> bool:
    """Whether this process serves a person's own home, and `towpath up` could show the demo company."""
    return bool(settings.DEMO_BESIDE) and not is_invented()


def showing() -> Showing:
    """Of the homes that this process knows of."""
    return Showing(Home(Path(settings.DEMO_BESIDE)) if settings.DEMO_BESIDE else settings.HOME)


def carry_sessions(source: Path, target: Path) -> None:
    """Who is signed in there is signed in here too: both homes have the same people."""
    with closing(sqlite3.connect(target, timeout=30.0)) as records, records:
        records.execute("attach database ? as other", (str(source),))
        records.execute(
            "insert or ignore into main.django_session "
            "select * from other.django_session where expire_date > datetime('now')"
        )
        records.execute(
            "update main.people_person set last_login = coalesce(last_login, "
            "(select last_login from other.people_person as one where one.id = main.people_person.id))"
        )
