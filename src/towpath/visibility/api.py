"""API: home and the account for leaders. The records are those of the pages and of `--json`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of
from towpath.improvement.rules.permissions import READ_FINDINGS
from towpath.visibility.queries import account as accounts
from towpath.visibility.queries.home import home
from towpath.visibility.schemas.account import Account
from towpath.visibility.schemas.home import Home

router = Router(tags=["home"])


@router.get("/home", auth=needs(READ_FINDINGS), response=shape_of(Home))
def get_home(request: HttpRequest) -> HttpResponse:
    """What is ruining customers' days: the week's figures and the ranked findings."""
    return answered(home(actor_in(request)))


@router.get("/account", auth=needs(READ_FINDINGS), response=shape_of(Account))
def get_account(request: HttpRequest, week: str = "") -> HttpResponse:
    """The account for leaders of one ISO week ("2026-W47"), of the newest where none is named."""
    try:
        return answered(accounts.account(actor_in(request), week))
    except ValueError as error:
        raise HttpError(422, str(error)) from error
