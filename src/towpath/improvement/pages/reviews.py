"""Reviews after incidents: the list with open work, and one with its timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.routes import ActorRequest
from towpath.improvement.actions import reviews as actions
from towpath.improvement.pages.review_forms import ActionForm, EndForm, LineForm, ReviewForm
from towpath.improvement.queries import reviews as queries
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.improvement.rules.reviews import MOMENTS
from towpath.improvement.schemas.reviews import ReviewShown


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """Every review, and the actions of all of them that are open."""
    return render(request, "improvement/reviews.html", {"found": queries.reviews(request.actor)})


@require_POST
def start(request: ActorRequest, digest: str) -> HttpResponseBase:
    """Review a finding's trouble."""
    return redirect("improvement:review", actions.start_review(request.actor, digest))


@require_safe
def show(request: ActorRequest, review_id: int) -> HttpResponse:
    return _page(request, queries.review(request.actor, review_id))


@require_POST
def write(request: ActorRequest, review_id: int) -> HttpResponseBase:
    """What a person adds to it: `part` is one of review, line, action, close."""
    part = request.POST.get("part", "")
    kinds: dict[str, type[forms.Form]] = {
        "review": ReviewForm, "line": LineForm, "action": ActionForm, "close": forms.Form,
    }  # fmt: skip
    if part not in kinds:
        raise Http404(_("A review has no such part."))
    form = kinds[part](request.POST)
    if form.is_valid():
        try:
            _VERBS[part](request, review_id, form.cleaned_data)
        except ValidationError as error:
            _put(request, form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("improvement:review", review_id)
    return _page(request, queries.review(request.actor, review_id), **{part: form})


@require_POST
def end(request: ActorRequest, action_id: int) -> HttpResponseBase:
    """An action is done or dropped."""
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(text) for errors in form.errors.values() for text in errors))
    else:
        try:
            actions.end_action(request.actor, action_id, **form.cleaned_data)
            messages.success(request, _("Saved."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    return redirect("improvement:reviews")


def _fill_in(request: ActorRequest, review_id: int, given: dict[str, Any]) -> None:
    moments = {name: given[name] for name in MOMENTS}
    texts = {name: given[name] for name in actions.TEXTS}
    actions.fill_in(request.actor, review_id, begin=given["begin"], moments=moments, texts=texts)


_VERBS: dict[str, Callable[[ActorRequest, int, dict[str, Any]], object]] = {
    "review": _fill_in,
    "line": lambda request, review_id, given: actions.add_line(request.actor, review_id, **given),
    "action": lambda request, review_id, given: actions.agree_action(request.actor, review_id, **given),
    "close": lambda request, review_id, _given: actions.close_review(request.actor, review_id),
}


def _put(request: ActorRequest, form: forms.Form, error: ValidationError) -> None:
    """What is wrong, beside its field; where the form has no such field, above the page."""
    for name, reasons in error.message_dict.items():
        if name in form.fields:
            form.add_error(name, reasons)
        else:
            messages.error(request, " ".join(reasons))
            form.add_error(None, reasons)


def _page(request: ActorRequest, found: ReviewShown, **sent: forms.Form) -> HttpResponse:
    said = {name: getattr(found, name) for name in ("begin", *MOMENTS, *actions.TEXTS)}
    context = {
        "found": found,
        "may": request.actor.may(WRITE_FINDINGS),
        "may_see_desk": request.actor.may(READ_DESK),
        "review": sent.get("review") or ReviewForm(initial=said),
        "line": sent.get("line") or LineForm(initial={"at": found.begin}),
        "action": sent.get("action") or ActionForm(initial={"due": timezone.localdate()}),
        "writing": "review" in sent,
        "adding": "line" in sent,
        "agreeing": "action" in sent,
    }
    return render(request, "improvement/review.html", context, status=422 if sent else 200)
