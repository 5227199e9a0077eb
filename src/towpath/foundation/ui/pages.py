"""The pages of nobody's area: how Towpath looks to this browser, and the style guide."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from towpath.foundation.access.routes import ActorRequest, route
from towpath.foundation.ui.rules import SCHEME_COOKIE, SCHEMES
from towpath.foundation.ui.styleguide import (
    STYLEGUIDE,
    styleguide,
    styleguide_chart,
    styleguide_progress,
    styleguide_sent,
)

YEAR = 365 * 24 * 3600


@require_POST
def appearance(request: ActorRequest) -> HttpResponse:
    """Keep light, dark or automatic in a cookie, and go back to where the person was."""
    wanted = request.POST.get("scheme", "")
    if wanted not in SCHEMES:
        return HttpResponseBadRequest(_("Choose automatic, light or dark."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if wanted:
        response.set_cookie(
            SCHEME_COOKIE, wanted, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(SCHEME_COOKIE, samesite="Lax")
    return response


urlpatterns = [
    route("appearance/", appearance, name="appearance", access="public"),
    route("language/", require_POST(set_language), name="language", access="public"),
    route("styleguide/", styleguide, name="styleguide", access=STYLEGUIDE),
    route("styleguide/progress/", styleguide_progress, name="styleguide-progress", access=STYLEGUIDE),
    route("styleguide/sent/", styleguide_sent, name="styleguide-sent", access=STYLEGUIDE),
    route("styleguide/chart.svg", styleguide_chart, name="styleguide-chart", access=STYLEGUIDE),
]
