"""API: reviews after incidents, and the work they lead to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema
from pydantic import AwareDatetime, Field

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of
from towpath.improvement.actions import reviews as actions
from towpath.improvement.api import refusals_told
from towpath.improvement.queries import reviews as queries
from towpath.improvement.rules.permissions import READ_FINDINGS, WRITE_FINDINGS
from towpath.improvement.rules.reviews import MOMENTS
from towpath.improvement.schemas.reviews import Reviews, ReviewShown

router = Router(tags=["findings"])
Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[int, Path(ge=1, lt=1 << 63)]


class ReviewFilled(Schema):
    """When it began, its moments (times with their zone; null: not known), and what was learned."""

    begin: AwareDatetime
    detected: AwareDatetime | None = None
    acknowledged: AwareDatetime | None = None
    restored: AwareDatetime | None = None
    resolved: AwareDatetime | None = None
    repaired: AwareDatetime | None = None
    happened: Text = ""
    helped: Text = ""
    hindered: Text = ""
    factors: Text = ""


class ReviewLineAdded(Schema):
    at: AwareDatetime
    text: str = Field(min_length=1, max_length=500)


class ReviewActionAgreed(Schema):
    """Who does what by when. `kind`: so that it does not come back, is seen sooner, or is over sooner."""

    kind: Literal["prevent", "detect", "recover"]
    text: str = Field(min_length=1, max_length=500)
    owner: str = Field(min_length=1, max_length=200)
    due: date


class ReviewActionEnded(Schema):
    state: Literal["open", "done", "dropped"]
    result: str = Field("", max_length=500)


@router.get("/reviews", auth=needs(READ_FINDINGS), response=shape_of(Reviews))
def list_reviews(request: HttpRequest) -> HttpResponse:
    """Reviews after incidents, the latest first, and the actions of all of them that are open."""
    return answered(queries.reviews(actor_in(request)))


@router.post("/findings/{digest}/review", auth=needs(WRITE_FINDINGS), response=shape_of(ReviewShown))
def start_review(request: HttpRequest, digest: str) -> HttpResponse:
    """Review a finding's trouble, or go on with the review that is open."""
    return answered(queries.review(actor_in(request), actions.start_review(actor_in(request), digest)))


@router.get("/reviews/{review}", auth=needs(READ_FINDINGS), response=shape_of(ReviewShown))
def get_review(request: HttpRequest, review: Number) -> HttpResponse:
    """One review with its timeline, its times, its actions, and whether the trouble came back."""
    return answered(queries.review(actor_in(request), review))


@router.put("/reviews/{review}", auth=needs(WRITE_FINDINGS), response=shape_of(ReviewShown))
def fill_in_review(request: HttpRequest, review: Number, sent: ReviewFilled) -> HttpResponse:
    """Set its moments and what was learned. 422 for moments in an order that cannot be."""
    with refusals_told():
        actions.fill_in(
            actor_in(request),
            review,
            begin=sent.begin,
            moments={name: getattr(sent, name) for name in MOMENTS},
            texts={name: getattr(sent, name) for name in actions.TEXTS},
        )
    return answered(queries.review(actor_in(request), review))


@router.post("/reviews/{review}/lines", auth=needs(WRITE_FINDINGS), response=shape_of(ReviewShown))
def add_review_line(request: HttpRequest, review: Number, sent: ReviewLineAdded) -> HttpResponse:
    """Add to the timeline what only people know."""
    with refusals_told():
        actions.add_line(actor_in(request), review, at=sent.at, text=sent.text)
    return answered(queries.review(actor_in(request), review))


@router.post("/reviews/{review}/actions", auth=needs(WRITE_FINDINGS), response=shape_of(ReviewShown))
def agree_review_action(request: HttpRequest, review: Number, sent: ReviewActionAgreed) -> HttpResponse:
    """Agree who does what by when."""
    with refusals_told():
        actions.agree_action(actor_in(request), review, **sent.dict())
    return answered(queries.review(actor_in(request), review))


@router.post("/reviews/{review}/close", auth=needs(WRITE_FINDINGS), response=shape_of(ReviewShown))
def close_review(request: HttpRequest, review: Number) -> HttpResponse:
    """Close it: 422 until it says what happened and what made it possible."""
    with refusals_told():
        actions.close_review(actor_in(request), review)
    return answered(queries.review(actor_in(request), review))


@router.put("/review-actions/{action}", auth=needs(WRITE_FINDINGS), response=shape_of(Reviews))
def end_review_action(request: HttpRequest, action: Number, sent: ReviewActionEnded) -> HttpResponse:
    """An action is done or dropped, or open again."""
    with refusals_told():
        actions.end_action(actor_in(request), action, state=sent.state, result=sent.result)
    return answered(queries.reviews(actor_in(request)))
