"""API: problem analyses."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions.problems import save_analysis
from towpath.desk.queries.problems import problem_analysis
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.desk.rules.problem_analysis import (
    LONGEST,
    MOST_CAUSES,
    MOST_PAIRS,
    Analysis,
    Dimension,
    Test,
)
from towpath.desk.schemas.problems import ProblemAnalysisShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])
SHOWN = shape_of(ProblemAnalysisShown)
Text = Annotated[str, Field(max_length=LONGEST)]


class PairSent(Schema):
    """What IS, what IS NOT, what is distinct about the first, and what changed there."""

    dimension: Dimension
    is_: Text = Field("", alias="is")
    is_not: Text = ""
    distinction: Text = ""
    change: Text = ""


class CauseSent(Schema):
    """`tests`: on each pair, in their order."""

    text: str = Field(min_length=1, max_length=LONGEST)
    tests: list[Test] = Field(default_factory=list, max_length=MOST_PAIRS)
    verified: Text = ""


class AnalysisSent(Schema):
    deviation: Text = ""
    pairs: list[PairSent] = Field(default_factory=list, max_length=MOST_PAIRS)
    causes: list[CauseSent] = Field(default_factory=list, max_length=MOST_CAUSES)


@router.get("/desks/{desk}/analyses/{path:number}", auth=needs(READ_DESK), response=SHOWN)
def get_problem_analysis(request: HttpRequest, desk: str, number: str) -> HttpResponse:
    """The analysis of a problem: as it was saved, else as the desk's history proposes it."""
    return answered(problem_analysis(actor_in(request), desk, number))


@router.put("/desks/{desk}/analyses/{path:number}", auth=needs(MANAGE_DESK), response=SHOWN)
def save_problem_analysis(request: HttpRequest, desk: str, number: str, sent: AnalysisSent) -> HttpResponse:
    """Save it; answers with how each cause stands the test."""
    try:
        save_analysis(
            actor_in(request), desk, number, msgspec.convert(sent.model_dump(by_alias=True), Analysis)
        )
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(problem_analysis(actor_in(request), desk, number))
