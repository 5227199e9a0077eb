"""What is solved at once and stays solved, part by part: what page, API and `--json` show."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.desk.measures.solved import CHOICES, SHOWN, behind_part, choices_of, solved_by
from towpath.desk.queries.behind import tickets_of
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.schemas.insights import Shown
from towpath.desk.schemas.solved import SolvedBy
from towpath.foundation.access.actor import Actor


def solved(actor: Actor, name: str = "", by: str = "") -> SolvedBy:
    """By `by`, otherwise by the first that the data names. Raises Http404, ValidationError for another."""
    desk = meant(actor, name)
    found = history(desk)
    wanted = by or next(iter(choices_of(found)), "month")
    if wanted not in CHOICES:
        raise ValidationError(_("It can be asked by: %(names)s.") % {"names": ", ".join(CHOICES)})
    return solved_by(found, wanted, desk.name)


def behind_solved(
    actor: Actor, name: str, by: str, value: str, *, what: str = "all", page: int = 1
) -> tuple[list[Shown], int]:
    """The tickets that a figure counts, and how many those are. Raises Http404."""
    found = history(meant(actor, name))
    if by not in CHOICES or what not in SHOWN:
        raise Http404(_("There is no such figure."))
    return tickets_of(found, behind_part(found, by, value, what), page)
