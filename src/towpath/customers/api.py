"""API: one customer's whole story, who they are, and what people say about who is who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from towpath.customers.actions import deciding, relating
from towpath.customers.actions.forgetting import ask_to_forget
from towpath.customers.jobs import forget_customer
from towpath.customers.queries import PAGE, identities, story
from towpath.customers.rules import EXPORT_CUSTOMERS, FORGET_CUSTOMERS, READ_CUSTOMERS, WRITE_CUSTOMERS
from towpath.customers.schemas import (
    CustomerExport,
    CustomerFound,
    Identity,
    OpenQuestion,
    Related,
    Story,
)
from towpath.events.envelope import is_key
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of, shapes_of
from towpath.foundation.operations.paging import FURTHEST

router = Router(tags=["customers"])


class WantedStory(Schema):
    offset: int = Field(0, ge=0, le=FURTHEST)
    limit: int = Field(PAGE, ge=1, le=5_000)


@router.get("/customers/{customer}/story", auth=needs(READ_CUSTOMERS), response=shape_of(Story))
def get_story(request: HttpRequest, customer: int, asked: Query[WantedStory]) -> HttpResponse:
    """Everything that a customer, or a case, met. The look is kept in the audit log."""
    found = story(actor_in(request), customer, offset=asked.offset, limit=asked.limit)
    return answered(found)


class Merged(Schema):
    """Customers (keys of them, or of any of their identifiers) who are one, and why."""

    customers: list[str] = Field(min_length=2, max_length=20)
    why: str = Field("", max_length=500)


class Parted(Schema):
    """Identifiers (keys) of one customer that are somebody else's, and why."""

    identifiers: list[str] = Field(min_length=1, max_length=100)
    why: str = Field("", max_length=500)


class Answered(Schema):
    """`one` goes with the `candidate` (key) whose it is."""

    answer: Literal["one", "all", "none", "shared"]
    candidate: str | None = None
    why: str = Field("", max_length=500)


class Relating(Schema):
    """The customer of the address stands in this role to the customer `of` (key of any identifier)."""

    of: str
    role: Literal["user", "customer", "sponsor"]


class RelationshipNumber(Schema):
    id: int


class Whose(Schema):
    """The customer's key of now, as text."""

    customer: str


class Sought(Schema):
    """An identifier, or how one begins. Sent in a body, so that no log holds it."""

    identifier: str = Field(min_length=1, max_length=500)


@router.post("/customers/search", auth=needs(READ_CUSTOMERS), response=shapes_of(CustomerFound))
def find(request: HttpRequest, sought: Sought) -> HttpResponse:
    """Customers with this identifier, else those with one that begins so. Kept in the audit log."""
    return answered(identities.search(actor_in(request), sought.identifier))


@router.get("/customers/questions", auth=needs(READ_CUSTOMERS), response=shapes_of(OpenQuestion))
def list_questions(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=FURTHEST)] = 0,
) -> HttpResponse:
    """Which identifiers could be one customer or several: a person decides. The surest first."""
    rows = identities.open_questions(actor_in(request))[offset : offset + limit]
    return answered([identities.question_of(row) for row in rows])


@router.post("/customers/questions/{question_id}/answer", auth=needs(WRITE_CUSTOMERS), response={204: None})
def answer_question(request: HttpRequest, question_id: int, answered: Answered) -> Status[None]:
    """Decide an open question; all figures follow. 409 where it is decided already."""
    candidate = None if answered.candidate is None else key_of_text(answered.candidate)
    with _deciding():
        deciding.answer(
            actor_in(request), question_id, answered.answer, candidate=candidate, why=answered.why
        )
    return Status(204, None)


@router.post("/customers/merge", auth=needs(WRITE_CUSTOMERS), response=Whose)
def merge(request: HttpRequest, merged: Merged) -> Whose:
    """Say that customers are one; all figures follow. 409 where that cannot be."""
    actor = actor_in(request)
    with _deciding():
        keys = [identities.canonical(key_of_text(key)) for key in merged.customers]
        return Whose(customer=str(deciding.merge(actor, keys, merged.why)))


@router.post("/customers/part", auth=needs(WRITE_CUSTOMERS), response=Whose)
def part(request: HttpRequest, parted: Parted) -> Whose:
    """Say that identifiers are somebody else's; all figures follow. 409 where that cannot be."""
    with _deciding():
        keys = [key_of_text(key) for key in parted.identifiers]
        return Whose(customer=str(deciding.part(actor_in(request), keys, parted.why)))


@router.post("/customers/decisions/{decision_id}/undo", auth=needs(WRITE_CUSTOMERS), response={204: None})
def undo(request: HttpRequest, decision_id: int) -> Status[None]:
    """Take a decision back, as if it had never been made. 409 where it is undone already."""
    with _deciding():
        deciding.undo(actor_in(request), decision_id)
    return Status(204, None)


@router.get("/customers/{customer}/identity", auth=needs(READ_CUSTOMERS), response=shape_of(Identity))
def get_identity(request: HttpRequest, customer: int) -> HttpResponse:
    """Who a customer is, how that is known, and what is open. The look is kept in the audit log."""
    return answered(identities.known_as(actor_in(request), customer))


@router.get("/customers/{customer}/relationships", auth=needs(READ_CUSTOMERS), response=shapes_of(Related))
def list_relationships(request: HttpRequest, customer: int) -> HttpResponse:
    """In which roles a customer stands to others, and others to them. The look is kept in the audit log."""
    return answered(list(identities.relationships(actor_in(request), customer)))


@router.post(
    "/customers/{customer}/relationships", auth=needs(WRITE_CUSTOMERS), response={201: RelationshipNumber}
)
def relate(request: HttpRequest, customer: int, said: Relating) -> Status[RelationshipNumber]:
    """Say in which role a customer stands to another one. 409 where that cannot be."""
    with _deciding():
        member, of = (key_of_text(key) for key in (str(customer), said.of))
        number = relating.relate(actor_in(request), member, of, said.role)
    return Status(201, RelationshipNumber(id=number))


@router.delete(
    "/customers/relationships/{relationship_id}", auth=needs(WRITE_CUSTOMERS), response={204: None}
)
def unrelate(request: HttpRequest, relationship_id: int) -> Status[None]:
    """Take a relationship back."""
    relating.unrelate(actor_in(request), relationship_id)
    return Status(204, None)


@router.get("/customers/{customer}/export", auth=needs(EXPORT_CUSTOMERS), response=shape_of(CustomerExport))
def export(request: HttpRequest, customer: int) -> HttpResponse:
    """Everything that is held about a customer. Kept in the audit log."""
    return answered(identities.export_customer(actor_in(request), customer))


@router.delete("/customers/{customer}", auth=needs(FORGET_CUSTOMERS), response={202: None})
def forget(request: HttpRequest, customer: int) -> Status[None]:
    """Forget a customer everywhere, for good: a worker does it. 404 where nothing is known of them."""
    key = identities.canonical(key_of_text(str(customer)))
    with transaction.atomic():
        ask_to_forget(actor_in(request), key)
        forget_customer.enqueue(str(key))
    return Status(202, None)


def key_of_text(text: str) -> int:
    """A key as JSON carries it. Raises HttpError (422)."""
    if not is_key(text):
        raise HttpError(422, f"{text!r} is no key of a customer or identifier: a whole number of 64 bits.")
    return int(text)


@contextmanager
def _deciding() -> Iterator[None]:
    try:
        yield
    except deciding.CannotDecide as error:
        raise HttpError(409, str(error)) from error
