"""Pages under Administration: people, teams and API keys."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.accounts import queries
from towpath.foundation.accounts.actions import keys, people, teams
from towpath.foundation.accounts.forms import KeyForm, PersonForm, TeamForm
from towpath.foundation.people.rules import Role

PAGE_ROWS = 50


def note_refusal(form: forms.Form, error: ValidationError) -> None:
    """Show on the form why an action refused: beside the field where it names one of the form's."""
    if hasattr(error, "error_dict"):
        for name, reasons in error.message_dict.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
    else:
        form.add_error(None, error)


@require_safe
def list_people(request: ActorRequest) -> HttpResponse:
    page = Paginator(queries.people(request.actor), PAGE_ROWS).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"page": page})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: ActorRequest) -> HttpResponseBase:
    """A drawn password is shown once, in the answer itself: it is never kept where it can be read again."""
    form = PersonForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = people.create_person(
                request.actor, given["username"], given["roles"], email=given["email"]
            )
        except ValidationError as error:
            note_refusal(form, error)
        else:
            context = {
                "username": made.person.username,
                "person_id": made.person.pk,
                "password": made.password,
            }
            return render(request, "accounts/password.html", context)
    return render(request, "accounts/new_person.html", {"form": form})


@require_safe
def show_person(request: ActorRequest, person_id: int) -> HttpResponse:
    shown = _person(request, person_id)
    context = {
        "person": shown,
        "roles": [(role.value, role.label) for role in Role if role.value in shown.roles],
        "other_roles": [(role.value, role.label) for role in Role if role.value not in shown.roles],
        "teams": [team for team in queries.teams(request.actor) if shown.username in team.members],
        "other_teams": [team for team in queries.teams(request.actor) if shown.username not in team.members],
    }
    return render(request, "accounts/person.html", context)


DECISIONS: dict[str, Callable[..., object]] = {
    "grant-role": people.grant_role,
    "revoke-role": people.revoke_role,
    "join-team": teams.join_team,
    "leave-team": teams.leave_team,
    "close": people.close_account,
    "reopen": people.reopen_account,
}


@never_cache
@require_POST
def decide_about_person(request: ActorRequest, person_id: int) -> HttpResponseBase:
    """One of `DECISIONS`, or a new password; `value` names the role or team."""
    shown = _person(request, person_id)
    decision, value = request.POST.get("decision", ""), request.POST.get("value", "")
    if decision == "reset-password":
        password = people.reset_password(request.actor, shown.username)
        context = {"username": shown.username, "person_id": person_id, "password": password}
        return render(request, "accounts/password.html", context)
    if decision not in DECISIONS:
        raise Http404(_("There is no such decision about a person."))
    try:
        DECISIONS[decision](request.actor, shown.username, *([value] if value else []))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Saved: %(name)s") % {"name": shown.username})
    return redirect("person", person_id=person_id)


def _person(request: ActorRequest, person_id: int) -> queries.PersonRecord:
    shown = queries.person(request.actor, person_id)
    if shown is None:
        raise Http404(_("There is no such account."))
    return shown


@require_safe
def list_teams(request: ActorRequest) -> HttpResponse:
    return render(request, "accounts/teams.html", {"teams": queries.teams(request.actor), "form": TeamForm()})


@require_POST
def new_team(request: ActorRequest) -> HttpResponseBase:
    form = TeamForm(request.POST)
    if form.is_valid():
        try:
            teams.create_team(request.actor, form.cleaned_data["name"])
            return redirect("teams")
        except ValidationError as error:
            note_refusal(form, error)
    return render(request, "accounts/teams.html", {"teams": queries.teams(request.actor), "form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_keys(request: ActorRequest) -> HttpResponse:
    """The keys, and a form for another one; a new key's secret is shown once, in the answer itself."""
    form = KeyForm(request.actor, request.POST or None)
    made = None
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = keys.create_key(request.actor, given["name"], given["scopes"], days=given["days"])
            form = KeyForm(request.actor)
        except ValidationError as error:
            note_refusal(form, error)
    context = {"form": form, "made": made, "keys": queries.keys(request.actor)}
    return render(request, "accounts/keys.html", context)


@require_POST
def revoke_key(request: ActorRequest, prefix: str) -> HttpResponseBase:
    keys.revoke_key(request.actor, prefix)
    messages.success(request, _("The key does not work any more."))
    return redirect("api-keys")
