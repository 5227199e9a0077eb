"""What was declared comes into the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.utils import timezone

from towpath.catalogue.models import Agreement, Service
from towpath.catalogue.queries.declared import declared_in
from towpath.catalogue.rules.catalogue_text import Text
from towpath.catalogue.rules.declaring import DeclaredAgreement, DeclaredService, body_of
from towpath.catalogue.rules.permissions import WRITE_CATALOGUE
from towpath.catalogue.schemas.changes import CatalogueChange, CatalogueDiff
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing


def apply_catalogue(actor: Actor, texts: Sequence[Text], *, complete: bool = False) -> CatalogueDiff:
    """Put what the files (name, text) declare into the catalogue, all of it or nothing; each service and
    agreement that changes has its own entry in the audit log. `complete`: what they do not name is gone.

    Raises DocumentError, PermissionDenied.
    """
    with writing(actor, "catalogue.applied", WRITE_CATALOGUE) as write:
        list(Service.objects.select_for_update().values_list("pk"))
        found, diff = declared_in(actor, texts, complete=complete)
        services = {each.name: each for each in found.services}
        agreements = {each.name: each for each in found.agreements}
        for change in diff.changes:
            if change.noun == "service":
                _put_service(actor, change, services.get(change.name))
            else:
                _put_agreement(actor, change, agreements.get(change.name))
        write.target_type, write.target = Service._meta.label, ", ".join(name for name, _text in texts)[:200]
        write.after = {"changes": len(diff.changes), "complete": complete}
    return msgspec.structs.replace(diff, applied=True)


def _put_service(actor: Actor, change: CatalogueChange, each: DeclaredService | None) -> None:
    with writing(actor, f"catalogue.service_{change.change}", WRITE_CATALOGUE) as write:
        row = Service.objects.filter(name=change.name).first() or Service(name=change.name)
        before = row.body if row.pk else None
        row.gone_since = timezone.now() if each is None else None
        if each is not None:
            row.title, row.audience, row.owner = each.title, each.audience, each.owner
            row.lifecycle, row.body = each.lifecycle, body_of(each)
            row.words = " ".join((each.name, each.title, each.purpose, each.owner, *each.seen_as)).lower()
        row.changed_by = _name(actor)
        row.save()
        write.about(row, before=before, after=row.body if each is not None else None)


def _put_agreement(actor: Actor, change: CatalogueChange, each: DeclaredAgreement | None) -> None:
    with writing(actor, f"catalogue.agreement_{change.change}", WRITE_CATALOGUE) as write:
        row = Agreement.objects.filter(name=change.name).first() or Agreement(name=change.name)
        before = row.body if row.pk else None
        row.gone_since = timezone.now() if each is None else None
        if each is not None:
            row.service, row.body = each.service, body_of(each)
        row.changed_by = _name(actor)
        row.save()
        write.about(row, before=before, after=row.body if each is not None else None)


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind)[:200]
