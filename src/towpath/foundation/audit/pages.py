"""Pages: the audit log."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from towpath.foundation.access.routes import ActorRequest, route
from towpath.foundation.audit import queries
from towpath.foundation.audit.rules import READ_AUDIT

PAGE_ROWS = 50


class FilterForm(forms.Form):
    actor = forms.CharField(label=_("Who"), required=False)
    verb = forms.ChoiceField(label=_("Did what"), required=False)
    target = forms.CharField(label=_("To what"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))


@require_safe
def audit_log(request: ActorRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    verbs = queries.verbs(request.actor)
    form.fields["verb"].choices = [("", _("Anything")), *((verb, verb) for verb in verbs)]  # type: ignore[attr-defined]
    wanted = queries.AuditFilter(**form.cleaned_data) if form.is_valid() else queries.AuditFilter()
    page = Paginator(queries.entries(request.actor, wanted), PAGE_ROWS).get_page(request.GET.get("page"))
    shown = [queries.record_of(entry) for entry in page]
    return render(request, "audit/log.html", {"form": form, "page": page, "records": shown})


urlpatterns = [route("administration/audit/", audit_log, name="audit-log", access=READ_AUDIT)]
