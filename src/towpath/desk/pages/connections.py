"""Under Administration: helpdesks that tickets are fetched from."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from towpath.desk.actions import connections as actions
from towpath.desk.jobs import poll_connection
from towpath.desk.models import Connection
from towpath.desk.queries import connections as queries
from towpath.foundation.access.routes import ActorRequest


class ConnectionForm(forms.Form):
    """Where tickets are fetched, as whom, and which."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("Of the source and its desk, like acme-jira."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Helpdesk"), choices=Connection.Kind.choices)
    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=300, help_text=gettext_lazy("https://, as people open it.")
    )
    account = forms.CharField(
        label=gettext_lazy("Account"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Left empty, the secret is sent as a token alone."),
    )
    secret = forms.CharField(
        label=gettext_lazy("Password or token"),
        max_length=2000,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Of an account that may only read. It is kept sealed and shown nowhere."),
    )
    query = forms.CharField(
        label=gettext_lazy("Which tickets"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("JQL, or an encoded query of ServiceNow; left empty: all."),
    )
    table = forms.CharField(
        label=gettext_lazy("Table"),
        max_length=80,
        initial="incident",
        required=False,
        help_text=gettext_lazy("Of ServiceNow."),
    )
    every_s = forms.IntegerField(
        label=gettext_lazy("Seconds between two looks"),
        min_value=actions.LEAST_S,
        max_value=actions.MOST_S,
        initial=300,
    )
    mask = forms.BooleanField(
        label=gettext_lazy("Mask names, addresses and numbers on the way in"), initial=True, required=False
    )

    def clean_table(self) -> str:
        return str(self.cleaned_data["table"]) or "incident"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connections(request: ActorRequest) -> HttpResponse:
    """The connections, and a form for another one."""
    form = ConnectionForm(request.POST or None)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = actions.connect(request.actor, **form.cleaned_data)
                poll_connection.enqueue(made.pk)
            messages.success(request, _("Connected; the first tickets are on their way."))
            form = ConnectionForm()
        except ValidationError as error:
            for name, reasons in error.message_dict.items():
                form.add_error(name if name in form.fields else None, reasons)
    context = {"form": form, "connections": queries.connections(request.actor)}
    return render(request, "desk/connections.html", context, status=422 if form.errors else 200)


@require_POST
def decide(request: ActorRequest, name: str) -> HttpResponseBase:
    """Look now, stop, go on, or remove it."""
    decision = request.POST.get("decision", "")
    if decision == "look":
        poll_connection.enqueue(queries.connection(request.actor, name).pk)
        messages.success(request, _("A look is under way; what it found stands here in a moment."))
    elif decision in {"stop", "start"}:
        actions.set_active(request.actor, name, active=decision == "start")
        messages.success(request, _("Saved."))
    elif decision == "remove":
        actions.disconnect(request.actor, name)
        messages.success(request, _("No more tickets are fetched from there; what was fetched stays."))
    else:
        raise Http404(_("There is no such decision about a connection."))
    return redirect("desk:connections")
