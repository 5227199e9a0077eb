"""`towpath doctor`: lake against index against inbox, permissions, jobs, room. Repairs only what is safe."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.events.inbox import InboxBroken
from towpath.events.keeping import home_check, inbox_check
from towpath.events.keeping.findings import Finding, Gravity, Report, finding_of
from towpath.events.keeping.state import measured
from towpath.events.keeping.telling import signs
from towpath.events.lake import LakeBusy
from towpath.events.lake.checking import Kind, Trouble
from towpath.events.lake.mending import leftovers, orphans, rebuild_index, remove_orphans
from towpath.events.rules import READ_KEEPING, REPAIR
from towpath.events.store import lake_as_it_is
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home

SHOWN_PATHS = 5
LOCK_S = 5.0
SPOKEN = {"inbox", "worker", "jobs", "disk"}
"""Signs of how Towpath is that are findings too, when they are not good."""


def examine(actor: Actor, repaired: tuple[str, ...] = ()) -> Report:
    """Look at everything; changes nothing. Raises PermissionDenied, LakeError without a lake."""
    require(actor, READ_KEEPING)
    findings, skipped = [*home_check.permissions(home())], list[str]()
    findings += inbox_check.findings(home().inbox, lake_as_it_is().turns)
    checking = lake_as_it_is().check()
    findings += [finding_of(each) for each in checking.troubles()]
    findings += [finding_of(each) for each in _strays()]
    try:
        findings += [finding_of(each) for each in _leftovers()]
    except LakeBusy as busy:
        skipped.append(str(busy))
    findings += _signs()
    return Report(
        at=timezone.now(),
        healthy=not findings,
        version=checking.version,
        files=len(checking.files),
        events=sum(file.rows for file in checking.files),
        findings=tuple(sorted(findings, key=lambda each: each.gravity != "grave")),
        not_looked_at=tuple(skipped),
        repaired=repaired,
    )


def repair(actor: Actor) -> Report:
    """Do what is safe for what `examine` finds, then look again. Raises PermissionDenied, LakeBusy."""
    require(actor, REPAIR)
    names = {each.name for each in examine(actor).findings if each.repairable}
    done: list[str] = []
    if names & {Kind.INDEX_BROKEN, Kind.INDEX_AHEAD, Kind.UNKNOWN, Kind.ORPHANS, Kind.LEFTOVERS}:
        with lake_as_it_is().still() as body:
            if names & {Kind.INDEX_BROKEN, Kind.INDEX_AHEAD, Kind.UNKNOWN}:
                count = rebuild_index(body.index, body.log)
                done.append(_("The index knows %(count)s identities again.") % {"count": f"{count:,}"})
            if names & {Kind.ORPHANS, Kind.LEFTOVERS}:
                files, size = remove_orphans(body.log)
                given = {"files": f"{files:,}", "bytes": f"{size:,}"}
                done.append(_("%(files)s files of no version are gone (%(bytes)s bytes).") % given)
    if inbox_check.FILL in names:
        inbox_check.count_anew(home().inbox)
        done.append(_("What waits in the inbox was counted anew."))
    if done:
        with writing(actor, "doctor.repaired", REPAIR) as write:
            write.target_type, write.after = "home", {"done": done}
    return examine(actor, tuple(done))


def _strays() -> Iterator[Trouble]:
    found = orphans(lake_as_it_is().check().log)
    if found:
        named = ", ".join(list(found)[:SHOWN_PATHS]) + (", …" if len(found) > SHOWN_PATHS else "")
        yield Trouble(Kind.ORPHANS, "lake/events", named, len(found), sum(found.values()))


def _leftovers() -> Iterator[Trouble]:
    """Only while nobody writes can one tell what was left from what is being written."""
    with lake_as_it_is().still(timeout_s=LOCK_S) as body:
        left = leftovers(body.log)
    if left:
        yield Trouble(Kind.LEFTOVERS, ", ".join(left[:SHOWN_PATHS]), count=len(left))


def _signs() -> Iterator[Finding]:
    """What the page says, where it is not well: what waits too long, stuck jobs, no room."""
    try:
        seen = signs(measured())
    except InboxBroken:
        # Said already, with more than this would tell.
        return
    for each in seen:
        if each.name in SPOKEN and each.level != "good":
            gravity: Gravity = "grave" if each.level == "act" else "warning"
            yield Finding(f"sign-{each.name}", gravity, f"{each.title}: {each.words}", "", each.advice, False)
