"""Problem analyses, and what a desk's history proposes for one."""

from __future__ import annotations

import msgspec
import numpy as np

from towpath.desk.measures.problems import bound_to, proposed
from towpath.desk.models import Desk, ProblemAnalysis, Ticket
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.rules.problem_analysis import Analysis, most_probable, standings
from towpath.desk.schemas.problems import CauseStanding, ProblemAnalysisShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible


def problem_analysis(actor: Actor, name: str, ticket: str) -> ProblemAnalysisShown:
    """As it was saved, else as the history proposes it. Raises Http404, PermissionDenied."""
    desk = meant(actor, name)
    row = visible(ProblemAnalysis, actor).filter(desk=desk, number=ticket).first()
    return _shown(actor, desk, ticket, row)


def _shown(actor: Actor, desk: Desk, ticket: str, row: ProblemAnalysis | None) -> ProblemAnalysisShown:
    about, found = fetch(Ticket, actor, desk=desk, number=ticket), history(desk)
    analysis = msgspec.convert(row.body, Analysis) if row else proposed(found, ticket)
    return ProblemAnalysisShown(
        desk=desk.name,
        number=ticket,
        title=about.title,
        proposed=row is None,
        tickets=max(0, int(np.count_nonzero(bound_to(found, ticket))) - 1),
        analysis=analysis,
        standings=tuple(
            CauseStanding(
                each.place, analysis.causes[each.place].text, each.fails, each.assumes, each.untested
            )
            for each in standings(analysis)
        ),
        most_probable=most_probable(analysis),
        changed_by=row.changed_by if row else "",
        changed_at=row.changed_at if row else None,
    )
