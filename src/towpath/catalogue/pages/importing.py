"""What was declared comes in from the page, after one has seen what it would change; and out again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from towpath.catalogue.actions.importing import apply_catalogue
from towpath.catalogue.queries.declared import declared_in, exported
from towpath.catalogue.rules.catalogue_text import FORM
from towpath.catalogue.rules.wording import CHANGES
from towpath.catalogue.schemas.changes import CatalogueDiff
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.documents import DocumentError

EXAMPLE = """\
services:
  - name: card-payments
    title: Card payments
    for: customers
    purpose: Customers pay their bills by card.
    owner: Payments team
    hours: every day, around the clock
    consumers: [customers, Billing]
    costs:
      - {what: acquirer, a_month: 4200, currency: EUR, source: contract of 2026}
agreements:
  - name: Paying works
    kind: sla
    service: card-payments
    provider: Payments team
    consumer: customers
    targets:
      - {measure: availability, value: 99.5, unit: "%", days: 28}
      - {measure: latency, value: 2, unit: s, days: 28}
"""


class DeclarationForm(forms.Form):
    """The YAML, and whether it names all there is."""

    text = forms.CharField(
        label=gettext_lazy("Declaration"),
        max_length=FORM.longest,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false"}),
        help_text=gettext_lazy("Services and agreements in YAML. Nothing changes before you have seen what."),
    )
    complete = forms.BooleanField(
        label=gettext_lazy("It names all there is: what it does not name is gone"), required=False
    )


@require_http_methods(["GET", "POST"])
def bring_in(request: ActorRequest) -> HttpResponseBase:
    """What is not right is told with line and column, and nothing that was typed is lost."""
    form = DeclarationForm(request.POST or None, initial={"text": EXAMPLE})
    diff: CatalogueDiff | None = None
    if form.is_valid():
        texts, complete = [(_("the declaration"), form.cleaned_data["text"])], form.cleaned_data["complete"]
        try:
            if request.POST.get("do") == "apply":
                done = apply_catalogue(request.actor, texts, complete=complete)
                messages.success(request, _("Applied: %(count)d changes.") % {"count": len(done.changes)})
                return redirect("catalogue:list")
            diff = declared_in(request.actor, texts, complete=complete)[1]
        except DocumentError as error:
            form.add_error("text", str(error))
    changes = [(each, str(CHANGES[each.change])) for each in diff.changes] if diff else []
    context = {"form": form, "diff": diff, "changes": changes}
    return render(request, "catalogue/import.html", context, status=422 if form.errors else 200)


@require_GET
def export(request: ActorRequest) -> HttpResponse:
    answer = HttpResponse(exported(request.actor), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="catalogue.yaml"'
    return answer
