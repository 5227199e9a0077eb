"""What exists: the list with its filters."""

from __future__ import annotations

from typing import get_args

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import items as queries
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.estate.rules.wording import kind_in_words
from towpath.estate.schemas.items import ItemList, WantedItems, Which
from towpath.foundation.access.routes import ActorRequest

WHICH = {
    "here": _("Here now"),
    "gone": _("Gone"),
    "unowned": _("Without an owner"),
    "unmanaged": _("Seen, but managed by nobody"),
    "conflicts": _("Where sources disagree"),
    "all": _("All"),
}
LONGEST = 300


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    wanted, problem = _wanted(request), ""
    try:
        found = queries.items(request.actor, wanted)
    except ValidationError as error:
        found, problem = ItemList((), ""), " ".join(error.messages)
    rules = rules_in_force()
    context = {
        "found": found,
        "wanted": wanted,
        "problem": problem,
        "which": WHICH.items(),
        "kinds": [(kind, kind_in_words(kind, rules)) for kind in rules.kinds],
        "narrowed": wanted != WantedItems(),
        "tabs": tabs_for(request.actor),
        "may_import": request.actor.may(WRITE_ESTATE),
    }
    return render(request, "estate/items.html", context, status=422 if problem else 200)


def _wanted(request: ActorRequest) -> WantedItems:
    given = {name: request.GET.get(name, "")[:LONGEST] for name in WantedItems.__struct_fields__}
    which = given.pop("which")
    known: dict[str, Which] = {each: each for each in get_args(Which)}
    return WantedItems(**given, which=known.get(which, "here"))
