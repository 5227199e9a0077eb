"""Under Administration: who is told of findings, and what was told."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from towpath.foundation.access.routes import ActorRequest
from towpath.improvement.actions import telling as actions
from towpath.improvement.jobs import tell
from towpath.improvement.pages.forms import RuleForm
from towpath.improvement.queries import telling as queries


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: ActorRequest) -> HttpResponse:
    """The rules, and a form for another one; a webhook's secret is shown once, in the answer itself."""
    form = RuleForm(request.POST or None)
    made = None
    if form.is_valid():
        try:
            made = actions.add_rule(request.actor, site=request.build_absolute_uri("/"), **form.cleaned_data)
            form = RuleForm()
        except ValidationError as error:
            for name, reasons in error.message_dict.items():
                form.add_error(name if name in form.fields else None, reasons)
    context = {
        "form": form,
        "made": made,
        "rules": queries.rules(request.actor),
        "deliveries": queries.deliveries(request.actor),
    }
    return render(request, "improvement/telling.html", context, status=422 if form.errors else 200)


@require_POST
def decide(request: ActorRequest, rule_id: int) -> HttpResponseBase:
    """Try it out, stop it, go on, or remove it."""
    decision = request.POST.get("decision", "")
    if decision == "try":
        with transaction.atomic():
            tell.enqueue(actions.try_out(request.actor, rule_id))
        messages.success(request, _("It is on its way; whether it arrives stands below in a moment."))
    elif decision in {"stop", "start"}:
        actions.set_active(request.actor, rule_id, active=decision == "start")
        messages.success(request, _("Saved."))
    elif decision == "remove":
        actions.remove_rule(request.actor, rule_id)
        messages.success(request, _("They are told no more."))
    else:
        raise Http404(_("There is no such decision about who is told."))
    return redirect("improvement:telling")
