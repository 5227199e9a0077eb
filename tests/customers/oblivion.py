"""What a killed process was doing: forgetting somebody, or finishing that. Run as a script.

    python oblivion.py HOME plant CUSTOMERS
    python oblivion.py HOME forget IDENTIFIER
    python oblivion.py HOME finish
    python oblivion.py HOME forget-all CUSTOMERS FOLDER
    python oblivion.py HOME merge-all CUSTOMERS FOLDER

The last two go from customer to customer side by side: who merges waits in the folder for who forgets.
Says "begins" when everything is loaded, and "ends".
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

OTHERS = 300
"""Events of customers whom nobody forgets."""


def named(number: int) -> str:
    """What no text holds but what names this customer."""
    return f"rosa{number:03d}-winter"


def account(number: int) -> str:
    return f"account:{named(number)}"


def mail(number: int) -> str:
    return f"mail:{named(number)}@post.example"


def plant(customers: int) -> None:
    """Each customer in body, tail, inbox, quarantine, uploads, messages, audit log, and in others' events."""
    import pyarrow as pa
    from who import event, met, put_in, take_in

    from towpath.events.envelope import EVENT_SCHEMA
    from towpath.events.lake.log import Turn
    from towpath.events.store import inbox, lake

    everybody = range(customers)
    theirs = [met(number % 500, account(number), mail(number)) for number in everybody]
    others = [met(number % 500, f"account:other{number}", id=f"other{number}") for number in range(OTHERS)]
    talks = [
        event("call", f"c{number}", 1, identifier="account:agent", data=json.dumps({"about": mail(number)}))
        for number in everybody
    ]
    take_in([*theirs, *others, *talks], "first")
    put_in([met(700, mail(number)) for number in everybody], "second")
    with lake().writing() as tail:
        rows = [met(701, account(number)) for number in everybody]
        tail.append(Turn("planted", 1), pa.Table.from_pylist(rows, schema=EVENT_SCHEMA))
    for number in everybody:
        inbox().accept(pa.RecordBatch.from_pylist([met(702, mail(number))], schema=EVENT_SCHEMA))
        in_the_records(number)


def in_the_records(number: int) -> None:
    from towpath.customers.joining.observing import key_of
    from towpath.customers.models import Identifier
    from towpath.events.ingest import quarantine_received
    from towpath.events.models import FileImport
    from towpath.events.receiving import RefusedEvent
    from towpath.foundation.audit.models import AuditEntry
    from towpath.foundation.audit.sealing import seal
    from towpath.foundation.operations.home import home
    from towpath.foundation.outbox.models import OutboxMessage

    raw = json.dumps({"subject": mail(number)})
    quarantine_received([RefusedEvent("event 1", "no time", raw, 0)], source="shop")
    upload = home().uploads / f"letters{number}.csv"
    upload.write_text(f"who,what\n{mail(number)},wrote\n")
    FileImport.objects.create(name=upload.name, path=str(upload), uploaded=True, digest="d")
    OutboxMessage.objects.create(announcement="Seen", listener="x", body={"who": account(number)})
    key = Identifier.objects.get(pk=key_of(mail(number))).customer_id
    AuditEntry.objects.create(
        actor_kind="person", actor="anna", verb="noted", target=str(key), after={"of": seal([key], [raw])}
    )


def say_when_noted() -> None:
    """Once it is on record, and before anything is removed."""
    from towpath.customers.actions import forgetting

    carry_out = forgetting._carry_out

    def told(person: Any) -> dict[str, int]:
        print("noted", flush=True)  # noqa: T201
        return carry_out(person)

    forgetting._carry_out = told


def forget_all(customers: int, folder: Path) -> None:
    from towpath.customers.actions.forgetting import forget
    from towpath.foundation.access.actor import OPERATOR

    for number in range(customers):
        (folder / f"begun{number}").touch()
        print(number, forget(OPERATOR, mail(number)).identifiers, flush=True)  # noqa: T201


def merge_all(customers: int, folder: Path) -> None:
    """Each customer with one of the others, about when they are forgotten."""
    from django.http import Http404
    from who import customer_of

    from towpath.customers.actions.deciding import CannotDecide, merge
    from towpath.customers.models import Identifier
    from towpath.foundation.access.actor import OPERATOR

    chance = random.Random(customers)
    for number in range(customers):
        while not (folder / f"begun{number}").exists():
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.5))
        try:
            merge(OPERATOR, [customer_of(mail(number)), customer_of(f"account:other{number}")])
            said = "merged"
        except (CannotDecide, Http404, Identifier.DoesNotExist):
            said = "refused"
        print(number, said, flush=True)  # noqa: T201


def main(home: str, what: str, whom: str = "", folder: str = "") -> None:
    os.environ["TOWPATH_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    import django

    django.setup()
    from towpath.customers.forget_command import forget_command
    from towpath.customers.jobs import finish_forgetting

    sys.path.append(str(Path(__file__).parent))
    print("begins", flush=True)  # noqa: T201
    if what == "plant":
        plant(int(whom))
    elif what == "forget":
        say_when_noted()
        forget_command.main([whom, "--yes"], standalone_mode=False)
    elif what == "finish":
        finish_forgetting.func()
    else:
        {"forget-all": forget_all, "merge-all": merge_all}[what](int(whom), Path(folder))
    print("ends", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
