"""How far the picture can be trusted, what changed, and bringing in what a source tells."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from towpath.estate.actions.reports import take_in
from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import discoveries as queries
from towpath.estate.queries.trust import trust as trust_now
from towpath.estate.sources.reading import read_report
from towpath.estate.sources.report import ReportRefused
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.home import home

ITEMS = """\
kind,name,owner,serial,fqdn,ip
application,billing,Billing team,,,
host,db1,Platform,SN-4711,db1.example.org,192.0.2.11
host,db2,Platform,SN-4712,db2.example.org,192.0.2.12"""
LINKS = """\
kind,from,to,group,needed
depends_on,billing,db1,databases,1
depends_on,billing,db2,databases,1"""


class ReportForm(forms.Form):
    """A file, and who tells it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A scan of nmap (-oX), a list of items or links in CSV, facts of Ansible, lists of NetBox, "
            "or manifests of Kubernetes."
        ),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=100,
        help_text=gettext_lazy("Who tells it, the same name each time, like cmdb or office-scan."),
    )
    complete = forms.BooleanField(
        label=gettext_lazy("The list names all: what it names no more is gone"), required=False
    )


@require_GET
def trust(request: ActorRequest) -> HttpResponse:
    found = trust_now(request.actor)
    context = {"trust": found, "unowned": found.items - found.owned, "tabs": tabs_for(request.actor)}
    return render(request, "estate/trust.html", context)


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    source = request.GET.get("source", "")[:100]
    context = {
        "discoveries": queries.discoveries(request.actor, source),
        "source": source,
        "tabs": tabs_for(request.actor),
    }
    return render(request, "estate/discoveries.html", context)


@require_GET
def show(request: ActorRequest, number: int) -> HttpResponse:
    return render(request, "estate/discovery.html", {"found": queries.discovery(request.actor, number)})


@require_http_methods(["GET", "POST"])
def bring_in(request: ActorRequest) -> HttpResponseBase:
    """A file that is not right is refused with the reason, and nothing of it is kept."""
    form = ReportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            found = _taken(request, given["file"], given["source"], complete=given["complete"])
            messages.success(request, _("It is taken in."))
            return redirect("estate:discovery", number=found)
        except ReportRefused as error:
            form.add_error("file", str(error))
        except ValidationError as error:
            form.add_error("source", error)
    context = {
        "form": form,
        "tabs": tabs_for(request.actor),
        "items_example": ITEMS,
        "links_example": LINKS,
    }
    return render(request, "estate/import.html", context, status=422 if form.errors else 200)


def _taken(request: ActorRequest, file: File[bytes], source: str, *, complete: bool) -> int:
    with TemporaryDirectory(dir=home().uploads) as folder:
        path = Path(folder) / (Path(file.name or "report").name or "report")
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        report = read_report(path, complete=complete)
    return take_in(request.actor, source, report).pk
