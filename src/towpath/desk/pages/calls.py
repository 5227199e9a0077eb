"""Contact trends of call centres, and taking in a series."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from towpath.desk.actions.calls import take_calls
from towpath.desk.importers.calls import MOST_BYTES, SeriesRefused
from towpath.desk.queries.calls import call_trends
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import number


class SeriesForm(forms.Form):
    """A file, who tells it, and how its times are meant."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with the columns begin, queue, offered, answered, given_up, waited."),
    )
    source = forms.CharField(label=_("Source"), max_length=100, help_text=_("The same name each time."))
    zone = forms.CharField(
        label=_("Time zone"), initial="UTC", max_length=60, help_text=_("Of times that name none.")
    )
    queue = forms.CharField(
        label=_("Queue"), required=False, max_length=200, help_text=_("Of rows that name none.")
    )


@require_GET
def show(request: ActorRequest) -> HttpResponse:
    return _page(request, SeriesForm())


@require_POST
def take(request: ActorRequest) -> HttpResponse:
    """Lines that are not right are told and left out; a file that cannot be read is refused whole."""
    form = SeriesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    given: dict[str, Any] = form.cleaned_data
    try:
        raw = given["file"].read(MOST_BYTES + 1)
        taken = take_calls(request.actor, given["source"], raw, zone=given["zone"], queue=given["queue"])
    except SeriesRefused as error:
        form.add_error("file", str(error))
        return _page(request, form)
    except ValidationError as error:
        form.add_error("source", error)
        return _page(request, form)
    told = ngettext(
        "%(count)s interval is new or other.", "%(count)s intervals are new or other.", taken.written
    )
    messages.success(request, told % {"count": number(taken.written)})
    for each in taken.refused[:10]:
        messages.warning(
            request, _("Line %(line)d was left out: %(reason)s.") % {"line": each.line, "reason": each.reason}
        )
    if taken.refused_lines > 10:
        left = {"count": number(taken.refused_lines - 10)}
        messages.warning(request, _("%(count)s more lines were left out.") % left)
    return redirect("desk:calls")


def _page(request: ActorRequest, form: forms.Form) -> HttpResponse:
    context = {"found": call_trends(request.actor), "form": form, "may": request.actor.may(MANAGE_DESK)}
    return render(request, "desk/calls.html", context, status=422 if form.errors else 200)
