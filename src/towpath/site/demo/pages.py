"""Leaving the demo company for the own, empty store, and coming back to it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from towpath.foundation.access.routes import ActorRequest
from towpath.site.demo.showing import is_empty, is_invented, may_be_shown, showing


@require_POST
def leave(request: ActorRequest) -> HttpResponse:
    """From now on the own store; `towpath up` starts its processes anew for it."""
    if not is_invented():
        raise Http404(_("No invented company is shown here."))
    showing().leave()
    return render(request, "site/demo_turning.html", {"invented_next": False})


@require_POST
def look(request: ActorRequest) -> HttpResponse:
    """From now on the demo company, as long as nothing of the person's own came in."""
    if not (may_be_shown() and is_empty()):
        raise Http404(_("The invented company is shown by `towpath up` alone, where nothing else came in."))
    showing().want()
    return render(request, "site/demo_turning.html", {"invented_next": True})
