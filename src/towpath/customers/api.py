"""API: one customer's whole story."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from towpath.customers.queries import PAGE, story
from towpath.customers.rules import READ_CUSTOMERS
from towpath.customers.schemas import Story
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shape_of

router = Router(tags=["customers"])


class WantedStory(Schema):
    offset: int = Field(0, ge=0)
    limit: int = Field(PAGE, ge=1, le=5_000)


@router.get("/customers/{customer}/story", auth=needs(READ_CUSTOMERS), response=shape_of(Story))
def get_story(request: HttpRequest, customer: int, asked: Query[WantedStory]) -> HttpResponse:
    """Everything that a customer, or a case, met. The look is kept in the audit log."""
    found = story(actor_in(request), customer, offset=asked.offset, limit=asked.limit)
    return HttpResponse(msgspec.json.encode(found), content_type="application/json")
