"""What the figures mean, in words for an operator who is tired: whether it is well, and what to do if not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from towpath.events.accepting import DISK_RESERVE_BYTES
from towpath.events.keeping.state import Figures, Level, Sign
from towpath.events.lake.compacting import TAIL_FILES
from towpath.foundation.operations.environment import number
from towpath.foundation.ui import figures

LEVELS: tuple[Level, ...] = ("good", "watch", "act")
WAITS_LONG_S, WAITS_TOO_LONG_S = 60.0, 600.0
SLOW_S = 30.0
FULL_SOON_DAYS, FULL_NOW_DAYS = 30.0, 7.0
BACKUP_FRESH, BACKUP_OLD = timedelta(days=2), timedelta(days=14)


def worst(told: Iterable[Sign]) -> Level:
    return LEVELS[max((LEVELS.index(each.level) for each in told), default=0)]


def signs(found: Figures) -> tuple[Sign, ...]:
    """What there is to know, in the order in which an event goes."""
    return (
        _inbox(found),
        *_set_aside(found),
        _until_queried(found),
        _tail(found),
        _months(found),
        _worker(found),
        _jobs(found),
        _disk(found),
        _backup(found),
    )


def _inbox(found: Figures) -> Sign:
    waiting, title = found.inbox, _("Waiting in the inbox")
    if not waiting.events:
        return Sign("inbox", "good", title, _("Nothing waits: all that was accepted is in the lake."), "")
    told = ngettext(
        "%(events)s event waits (%(size)s), for %(age)s.",
        "%(events)s events wait (%(size)s), the oldest for %(age)s.",
        waiting.events,
    ) % {
        "events": figures.number(waiting.events),
        "size": filesizeformat(waiting.bytes),
        "age": figures.duration(waiting.age_seconds),
    }
    if waiting.age_seconds < WAITS_LONG_S:
        return Sign("inbox", "good", title, told, "")
    advice = _("Nothing is lost, but nobody sees these events yet. See that a worker runs: towpath worker.")
    return Sign("inbox", "act" if waiting.age_seconds > WAITS_TOO_LONG_S else "watch", title, told, advice)


def _set_aside(found: Figures) -> tuple[Sign, ...]:
    count = found.inbox.set_aside
    if not count:
        return ()
    told = ngettext(
        "%(count)s batch could not be put into the lake.",
        "%(count)s batches could not be put into the lake.",
        count,
    ) % {"count": figures.number(count)}
    advice = _("See why, and bring them back: Administration, Set aside (or: towpath inbox aside).")
    return (Sign("set-aside", "act", _("Set aside"), told, advice),)


def _until_queried(found: Figures) -> Sign:
    seen, title = found.until_queried, _("Until an event can be queried")
    if seen is None:
        return Sign("until-queried", "good", title, _("Not measurable yet: nothing came over HTTP."), "")
    told = _("%(median)s in the middle, %(longest)s at most, over the last %(events)s events.") % {
        "median": figures.duration(seen.median_seconds),
        "longest": figures.duration(seen.longest_seconds),
        "events": figures.number(seen.events),
    }
    if seen.median_seconds < SLOW_S:
        return Sign("until-queried", "good", title, told, "")
    advice = _("The worker does not keep up, or was away. See whether an import holds the lake: Jobs.")
    return Sign("until-queried", "watch", title, told, advice)


def _tail(found: Figures) -> Sign:
    lake, title = found.lake, _("The tail")
    last = figures.moment(lake.last_compaction) if lake.last_compaction else _("none is known")
    told = ngettext(
        "%(files)s flush has not been sorted into its month yet (%(events)s events). "
        "Last compaction: %(last)s.",
        "%(files)s flushes have not been sorted into their months yet (%(events)s events). "
        "Last compaction: %(last)s.",
        lake.tail_files,
    ) % {"files": figures.number(lake.tail_files), "events": figures.number(lake.tail_events), "last": last}
    if lake.tail_files <= 4 * TAIL_FILES:
        return Sign("tail", "good", title, told, "")
    advice = _("Pages grow slower. Compaction does not keep up or fails: see the worker's log.")
    return Sign("tail", "watch", title, told, advice)


def _months(found: Figures) -> Sign:
    lake = found.lake
    told = _("%(events)s events; %(files)s files for %(months)s months, %(mean)s a month.") % {
        "events": figures.number(lake.events),
        "files": figures.number(sum(each.files for each in lake.months)),
        "months": figures.number(len(lake.months)),
        "mean": figures.number(lake.files_a_month, 1),
    }
    return Sign("lake", "good", _("The lake"), told, "")


def _worker(found: Figures) -> Sign:
    title = _("The worker")
    if not found.jobs.overdue:
        return Sign("worker", "good", title, _("Everything that was due has been begun."), "")
    told = ngettext(
        "%(count)s thing that comes again and again is overdue.",
        "%(count)s things that come again and again are overdue.",
        found.jobs.overdue,
    ) % {"count": figures.number(found.jobs.overdue)}
    return Sign("worker", "act", title, told, _("No worker seems to run. Start one: towpath worker."))


def _jobs(found: Figures) -> Sign:
    jobs, title = found.jobs, _("Jobs")
    running = {"waiting": figures.number(jobs.waiting), "running": figures.number(jobs.running)}
    told = _("%(running)s running, %(waiting)s waiting") % running
    bad = [
        text % {"count": figures.number(count)}
        for text, count in (
            (_("%(count)s stuck"), jobs.stuck),
            (_("%(count)s failed"), jobs.failed),
            (_("%(count)s given up"), jobs.given_up),
        )
        if count
    ]
    words = ", ".join([told, *bad]) + "."
    if jobs.stuck:
        advice = _("A worker that began a job no longer answers. Another takes it over: see that one runs.")
        return Sign("jobs", "act", title, words, advice)
    if jobs.failed:
        advice = _("Look under Jobs why, then let them run again or give them up.")
        return Sign("jobs", "watch", title, words, advice)
    return Sign("jobs", "good", title, words, "")


def _disk(found: Figures) -> Sign:
    disk, title = found.disk, _("Room on the disk")
    told = _("%(free)s of %(total)s are left.") % {
        "free": filesizeformat(disk.free),
        "total": filesizeformat(disk.total),
    }
    reserve = number("TOWPATH_DISK_RESERVE_BYTES", default=DISK_RESERVE_BYTES)
    advice = _("Make room, or let old events go: Retention. Below %(reserve)s nothing more is accepted.") % {
        "reserve": filesizeformat(reserve)
    }
    if disk.free < reserve:
        return Sign("disk", "act", title, told, advice)
    if disk.shrinks_daily is None:
        words = _("%(told)s Too little data to say when it will be full.") % {"told": told}
        return Sign("disk", "watch" if disk.free < 4 * reserve else "good", title, words, "")
    if disk.full_in_days is None:
        return Sign("disk", "good", title, _("%(told)s It is not getting less.") % {"told": told}, "")
    words = _("%(told)s At the present rate (%(rate)s a day) it is full in about %(days)s.") % {
        "told": told,
        "rate": filesizeformat(disk.shrinks_daily),
        "days": figures.duration(timedelta(days=min(disk.full_in_days, 36_500))),
    }
    if disk.full_in_days >= FULL_SOON_DAYS:
        return Sign("disk", "good", title, words, "")
    return Sign("disk", "act" if disk.full_in_days < FULL_NOW_DAYS else "watch", title, words, advice)


def _backup(found: Figures) -> Sign:
    title, last = _("The last backup"), found.last_backup
    advice = _("Make one, while everything runs: towpath backup FOLDER. Then try it: towpath restore.")
    if last is None:
        return Sign("backup", "watch", title, _("No backup is known."), advice)
    age = found.at - last
    told = _("%(at)s, %(age)s ago.") % {"at": figures.moment(last), "age": figures.duration(age)}
    if age <= BACKUP_FRESH:
        return Sign("backup", "good", title, told, "")
    return Sign("backup", "act" if age > BACKUP_OLD else "watch", title, told, advice)
