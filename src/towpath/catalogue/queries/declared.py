"""What stands in the catalogue, and what a declaration would change of it."""

from __future__ import annotations

from collections.abc import Sequence

from towpath.catalogue.models import Agreement, Service
from towpath.catalogue.queries.comparing import Body, compared
from towpath.catalogue.rules.catalogue_text import Text, read_catalogue, write_catalogue
from towpath.catalogue.rules.declaring import Declared
from towpath.catalogue.schemas.changes import CatalogueDiff
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible


def declared_in(
    actor: Actor, texts: Sequence[Text], *, complete: bool = False
) -> tuple[Declared, CatalogueDiff]:
    """What the files declare, and what that would change. `complete`: they name all there is; what they do
    not name is gone. Raises DocumentError, PermissionDenied."""
    services, agreements = _stood(actor, Service), _stood(actor, Agreement)
    staying = () if complete else {name for name, (_body, gone) in services.items() if not gone}
    found = read_catalogue(texts, staying)
    changes = (
        *compared("service", found.services, services, complete=complete),
        *compared("agreement", found.agreements, agreements, complete=complete),
    )
    return found, CatalogueDiff(False, changes, len(found.services), len(found.agreements))


def exported(actor: Actor) -> str:
    """The whole catalogue as YAML. Raises PermissionDenied."""
    return write_catalogue(
        Declared(
            services=tuple(row.declared() for row in visible(Service, actor).filter(gone_since=None)),
            agreements=tuple(row.declared() for row in visible(Agreement, actor).filter(gone_since=None)),
        )
    )


def _stood(actor: Actor, model: type[Service] | type[Agreement]) -> dict[str, tuple[Body, bool]]:
    rows = visible(model, actor).values_list("name", "body", "gone_since")
    return {name: (body, gone is not None) for name, body, gone in rows}
