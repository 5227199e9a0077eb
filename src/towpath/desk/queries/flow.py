"""How a desk's tickets flow: what page, API and `--json` show."""

from __future__ import annotations

from towpath.desk.measures.flow import flow_of
from towpath.desk.measures.history import History
from towpath.desk.measures.keeping import history_of
from towpath.desk.measures.linking import filled_once
from towpath.desk.measures.selecting import Chosen, chosen_in
from towpath.desk.models import Desk
from towpath.desk.queries.desks import meant
from towpath.desk.queries.said_links import confirmed_of, token_of
from towpath.desk.rules.rates import DEFAULT, FILE, Rates, read_rates
from towpath.desk.rules.reading_text import read_reading
from towpath.desk.schemas.flow import TicketFlow
from towpath.foundation.access.actor import Actor
from towpath.foundation.operations.home import home


def history(desk: Desk) -> History:
    """The history of a desk's tickets by its reading of today, with what people confirmed where the source
    says nothing."""
    found = history_of(desk.source, read_reading(desk.reading, desk.name))
    told = token_of(desk)
    return filled_once(found, told, lambda: confirmed_of(desk)) if told else found


def flow(actor: Actor, name: str = "", chosen: Chosen | None = None) -> TicketFlow:
    """The flow of a desk (the only one, without a name). Raises Http404, ValidationError, DocumentError."""
    desk = meant(actor, name)
    found = history(desk)
    return flow_of(found, chosen_in(found, chosen or Chosen()), rates_in_force(), desk.name)


def rates_in_force() -> Rates:
    """What the home's prices.yaml says of tiers, else the shipped default. Raises DocumentError."""
    place = home().root / FILE
    return read_rates(place.read_text(encoding="utf-8"), str(place)) if place.is_file() else DEFAULT
