"""Pages: one customer's or case's whole story, on every channel and in every source."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.customers.queries import PAGE, story
from towpath.customers.telling import days_of, plainly
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show_story(request: ActorRequest, key: str) -> HttpResponse:
    """The key is the 64-bit number of a customer or case, which may be below zero."""
    page = request.GET.get("page", "1")
    number = int(page) if page.isdecimal() and int(page) > 0 else 1
    found = story(request.actor, key_in(key), offset=(number - 1) * PAGE)
    context = {
        "story": found,
        "days": days_of(plainly(event) for event in found.events),
        "page": Paginator(range(found.total), PAGE).get_page(number),
    }
    return render(request, "customers/story.html", context)


def key_in(text: str) -> int:
    """A key of the address. Raises Http404 for what is none."""
    try:
        key = int(text)
    except ValueError as error:
        raise Http404(_("%(text)s is no key of a customer or case.") % {"text": text}) from error
    if not -(1 << 63) <= key < 1 << 63:
        raise Http404(_("%(text)s is no key of a customer or case.") % {"text": text})
    return key
