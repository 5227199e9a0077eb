"""What others say of weaknesses (VEX) is brought in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from towpath.estate.actions.vex import take_vex
from towpath.estate.pages.framing import tabs_for
from towpath.estate.schemas.vex import VexTaken
from towpath.estate.vex.document import VexRefused
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.home import home


class VexForm(forms.Form):
    """A document, and the item that it is about."""

    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("OpenVEX 0.2, CSAF 2.0, or CycloneDX.")
    )
    item = forms.CharField(
        label=gettext_lazy("Item"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("What it is about, if it names its products otherwise than the estate does."),
    )


@require_http_methods(["GET", "POST"])
def bring_in(request: ActorRequest) -> HttpResponseBase:
    """A document that is not right is refused with the place and the reason, and nothing of it is kept."""
    form = VexForm(request.POST or None, request.FILES or None)
    found: VexTaken | None = None
    if form.is_valid():
        try:
            found = _taken(request, form.cleaned_data["file"], form.cleaned_data["item"])
        except VexRefused as error:
            form.add_error("file", str(error))
        except ValidationError as error:
            form.add_error("item", error)
        except Http404 as error:
            form.add_error("item", str(error))
    if found is not None and not found.nothing_here:
        told = _("%(author)s says something new of %(count)d exposures.")
        messages.success(request, told % {"author": found.author, "count": found.assessed})
        return redirect("estate:software")
    context = {"form": form, "found": found, "tabs": tabs_for(request.actor)}
    return render(request, "estate/vex.html", context, status=422 if form.errors else 200)


def _taken(request: ActorRequest, file: File[bytes], item: str) -> VexTaken:
    with TemporaryDirectory(dir=home().uploads) as folder:
        path = Path(folder) / "document"
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        return take_vex(request.actor, path, item, Path(file.name or "document").name[:200])
