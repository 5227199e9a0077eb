"""What sources told, and what had changed."""

from __future__ import annotations

from towpath.estate.models import Change, Discovery
from towpath.estate.queries.item import shown_change
from towpath.estate.schemas.item import DiscoveryDetail, DiscoveryShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible

MOST, MOST_CHANGES = 100, 500


def discoveries(actor: Actor, source: str = "") -> list[DiscoveryShown]:
    """The latest MOST of them, of one source or all."""
    rows = visible(Discovery, actor)
    return [shown_of(row) for row in (rows.filter(source=source) if source else rows)[:MOST]]


def discovery(actor: Actor, number: int) -> DiscoveryDetail:
    """One of them. Raises Http404, PermissionDenied."""
    row = fetch(Discovery, actor, pk=number)
    changes = Change.objects.filter(discovery=row).select_related("discovery", "item")
    return DiscoveryDetail(
        discovery=shown_of(row),
        changes=tuple(shown_change(each) for each in changes[:MOST_CHANGES]),
        changes_in_all=changes.count(),
    )


def shown_of(row: Discovery) -> DiscoveryShown:
    return DiscoveryShown(
        id=row.pk,
        source=row.source,
        form=row.form,
        at=row.at,
        items=row.items,
        links=row.links,
        new=row.new,
        gone=row.gone,
        changed=row.changed,
        doubts=tuple(row.doubts),
        by=row.by,
        finished_at=row.finished_at,
    )
