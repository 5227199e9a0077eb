"""Pages: one customer's or case's whole story, who they are, and the questions that wait for a person."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from towpath.customers.actions import deciding, relating, ruling
from towpath.customers.actions.forgetting import ask_to_forget
from towpath.customers.jobs import forget_customer
from towpath.customers.models import Customer, Relationship
from towpath.customers.queries import PAGE, note_look, story
from towpath.customers.queries.identities import (
    canonical,
    identity,
    known_customers,
    named,
    open_questions,
    question_of,
    search,
)
from towpath.customers.rules import FORGET_CUSTOMERS, WRITE_CUSTOMERS
from towpath.customers.schemas import Story
from towpath.customers.telling import days_of, plainly, troubles_of
from towpath.events.envelope import is_key
from towpath.events.rules import WRITE_EVENTS
from towpath.foundation.access.routes import ActorRequest

QUESTIONS = 20


@require_http_methods(["GET", "POST"])
def customer_list(request: ActorRequest) -> HttpResponse:
    """Look somebody up, and decide what is open. Identifiers are sent by POST, so that no log holds them."""
    wanted = request.POST.get("identifier", "").strip()[:500]
    page = Paginator(open_questions(request.actor), QUESTIONS).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "found": search(request.actor, wanted),
        "known": known_customers(request.actor),
        "page": page,
        "questions": [question_of(row) for row in page],
        "may_write": request.actor.may(WRITE_CUSTOMERS),
        "may_import": request.actor.may(WRITE_EVENTS),
    }
    return render(request, "customers/list.html", context)


@require_GET
def show_story(request: ActorRequest, key: str) -> HttpResponseBase:
    """The key is the 64-bit number of a customer or case, which may be below zero; that of any identifier
    leads to its customer."""
    number = key_in(key)
    if (customer := canonical(number)) != number:
        return redirect("customers:story", key=customer)
    return _story_page(request, number)


@require_POST
def change(request: ActorRequest, key: str) -> HttpResponseBase:
    """What a person says about who this customer is."""
    customer, wanted, why = key_in(key), request.POST.get("do", ""), request.POST.get("why", "")[:500]
    chosen = [key_in(text) for text in request.POST.getlist("identifier")]
    try:
        if wanted == "merge":
            customer = deciding.merge(request.actor, [customer, _one_found(request)], why)
        elif wanted == "part":
            deciding.part(request.actor, chosen, why)
        elif wanted == "undo":
            deciding.undo(request.actor, key_in(request.POST.get("decision", "")))
        elif wanted in {"shared", "cleared"} and chosen:
            deciding.set_proxy(request.actor, chosen[0], proxy=wanted == "shared")
        elif wanted == "describe":
            given = {name: request.POST.get(name, "") for name in ("name", "kind")}
            ruling.describe(request.actor, customer, **given)
        elif wanted in {"relate", "unrelate"}:
            _relate(request, customer, wanted)
        else:
            raise deciding.CannotDecide(_("Tick an identifier first."))
    except (deciding.CannotDecide, ValidationError, ValueError) as error:
        return _story_page(request, customer, problem=str(error))
    messages.success(request, _("Done. All figures follow."))
    return redirect("customers:story", key=canonical(customer))


@require_http_methods(["GET", "POST"])
def forget(request: ActorRequest, key: str) -> HttpResponseBase:
    """Say what forgetting means; when it is confirmed, a worker does it."""
    customer = canonical(key_in(key))
    known = identity(request.actor, customer)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        with transaction.atomic():
            ask_to_forget(request.actor, customer)
            forget_customer.enqueue(str(customer))
        messages.success(request, _("A worker is forgetting this customer; it takes a minute or so."))
        return redirect("customers:list")
    context = {
        "name": known.name if known else str(customer),
        "key": customer,
        "identifiers": len(known.identifiers) + known.left_out if known else 0,
        "unsure": request.method == "POST",
    }
    return render(request, "customers/forget.html", context, status=422 if context["unsure"] else 200)


@require_POST
def answer(request: ActorRequest, question_id: int) -> HttpResponseBase:
    """A person decides an open question."""
    said, _colon, candidate = request.POST.get("answer", "").partition(":")
    try:
        if said not in {"one", "all", "none", "shared"}:
            raise deciding.CannotDecide(_("Choose one of the answers."))
        chosen = key_in(candidate) if candidate else None
        deciding.answer(request.actor, question_id, said, candidate=chosen)  # type: ignore[arg-type]
    except deciding.CannotDecide as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Decided. All figures follow."))
    return redirect("customers:list")


def _story_page(request: ActorRequest, key: int, problem: str = "") -> HttpResponse:
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and len(text) < 10 and int(text) > 0 else 1
    known = identity(request.actor, key)
    found = _told(request, key, number, known is not None)
    days = days_of(plainly(event) for event in found.events) if found else []
    context = {
        "key": key,
        "story": found,
        "name": known.name if known else found.name if found else str(key),
        "identity": known,
        "kinds": Customer.Kind.choices,
        "roles": Relationship.Role.choices,
        "unfolded": bool(problem) or found is None,
        "may_write": request.actor.may(WRITE_CUSTOMERS),
        "may_forget": request.actor.may(FORGET_CUSTOMERS),
        "problems": [problem] if problem else [],
        "days": days,
        "troubles": troubles_of(days),
        "page": Paginator(range(found.total if found else 0), PAGE).get_page(number),
    }
    return render(request, "customers/story.html", context, status=422 if problem else 200)


def _told(request: ActorRequest, key: int, number: int, known: bool) -> Story | None:
    """Their story; None for a customer whom only other customers' events name."""
    try:
        return story(request.actor, key, offset=(number - 1) * PAGE)
    except Http404:
        if not known:
            raise
        note_look(request.actor, [key])
        return None


def _relate(request: ActorRequest, customer: int, wanted: str) -> None:
    if wanted == "unrelate":
        relating.unrelate(request.actor, key_in(request.POST.get("relationship", "")))
        return
    ends = customer, _one_found(request)
    member, of = reversed(ends) if request.POST.get("way") == "from" else ends
    relating.relate(request.actor, member, of, request.POST.get("role", ""))


def _one_found(request: ActorRequest) -> int:
    """The customer whom the given identifier names. Raises CannotDecide for none or several."""
    try:
        return named(request.actor, request.POST.get("other", "").strip()[:500])
    except Http404 as error:
        raise deciding.CannotDecide(str(error)) from error


def key_in(text: str) -> int:
    """A key of the address. Raises Http404 for what is none."""
    if not is_key(text):
        raise Http404(_("%(text)s is no key of a customer or case.") % {"text": text})
    return int(text)
