"""The week in plain words: whole sentences, each true by itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from towpath.foundation.ui.figures import interval, number, percent, points, signed
from towpath.visibility.queries.known import to_mend
from towpath.visibility.schemas.account import Account
from towpath.visibility.schemas.home import Pace
from towpath.visibility.schemas.known import Known


def sentences_of(account: Account, known: Sequence[Known]) -> tuple[str, ...]:
    """What happened, what did it, what infrastructure had to do with it, which journeys moved, what is in
    hand."""
    told = [_days(account), _change(account), _worst(account), _spoiled(account), _saved(account)]
    told += [_journeys(account), _in_hand(known)]
    return tuple(sentence for sentence in told if sentence)


def _days(account: Account) -> str:
    if account.good_rate is None:
        return _("How good the days were is not measurable yet.")
    text = _("Of %(active)s customer-days %(rate)s were good (%(between)s); %(ruined)s were ruined.")
    return text % {
        "active": number(account.active),
        "rate": percent(account.good_rate),
        "between": interval(percent(account.good_low), percent(account.good_high)),
        "ruined": number(account.ruined),
    }


def _change(account: Account) -> str:
    if account.good_rate is None or account.before is None:
        return ""
    low, high = account.good_low, account.good_high
    if low is not None and high is not None and low <= account.before <= high:
        return _("That is as in the four weeks before: the difference is within chance.")
    change = account.good_rate - account.before
    shown = {"points": points(abs(change)).lstrip("+")}
    if change < 0:
        return _("That is %(points)s worse than in the four weeks before.") % shown
    return _("That is %(points)s better than in the four weeks before.") % shown


def _worst(account: Account) -> str:
    named = [piece for piece in account.split if piece.digest]
    if not named:
        return _("Nothing stands out among what ruined them.")
    text = _("What ruined most: %(cause)s (%(share)s of the ruined days).")
    return text % {"cause": named[0].sentence, "share": percent(named[0].share, 0)}


def _spoiled(account: Account) -> str:
    if not account.spoiled:
        return _("No ruined day was traced to infrastructure.")
    text = _(
        "Infrastructure (components and changes) spoiled %(days)s customer-days, %(share)s of the ruined."
    )
    share = percent(account.spoiled / account.ruined, 0) if account.ruined else "—"
    return text % {"days": number(account.spoiled), "share": share}


def _saved(account: Account) -> str:
    if account.saved is None:
        return _("What mending saved cannot be told yet: too little data since anything was mended.")
    text = ngettext(
        "What was mended (%(count)s cause) saves %(days)s ruined days a week, as measured.",
        "What was mended (%(count)s causes) saves %(days)s ruined days a week, as measured.",
        len(account.saved_by),
    )
    return text % {"count": number(len(account.saved_by)), "days": number(account.saved)}


def _journeys(account: Account) -> str:
    better = [pace for pace in account.paces if pace.direction == "better"]
    worse = [pace for pace in reversed(account.paces) if pace.direction == "worse"]
    told = []
    if better:
        told.append(_("Better than before: %(journeys)s.") % {"journeys": _listed(better)})
    if worse:
        told.append(_("Worse than before: %(journeys)s.") % {"journeys": _listed(worse)})
    if account.paces and not told:
        told.append(_("No journey moved by more than chance brings."))
    return " ".join(told)


def _listed(paces: Sequence[Pace]) -> str:
    told = [f"{pace.name} ({signed(pace.change * 100, 1)})" for pace in paces]
    return pgettext("between the names of a list", ", ").join(told)


def _in_hand(known: Sequence[Known]) -> str:
    listed = to_mend(known)
    if not listed:
        return ""
    taken = sum(1 for one in listed if one.owner)
    if not taken:
        text = ngettext(
            "%(count)s finding is to be mended, and nobody has taken it on yet.",
            "%(count)s findings are to be mended, and nobody has taken one on yet.",
            len(listed),
        )
        return text % {"count": number(len(listed))}
    text = ngettext(
        "Of %(count)s finding to mend, %(taken)s has an owner.",
        "Of %(count)s findings to mend, %(taken)s have an owner.",
        len(listed),
    )
    return text % {"count": number(len(listed)), "taken": number(taken)}
