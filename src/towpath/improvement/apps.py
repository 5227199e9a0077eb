from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from towpath.estate.schemas.carrying import Carrying
    from towpath.foundation.access.actor import Actor


class ImprovementConfig(AppConfig):
    name = "towpath.improvement"
    label = "improvement"

    def ready(self) -> None:
        from towpath.estate.carrying import add_carrier
        from towpath.improvement import forgetting  # noqa: F401 (registers what it erases)

        add_carrier(carried)


def carried(actor: Actor, names: Collection[str]) -> Carrying | None:
    """`queries.through.carried`, loaded when it is asked for: it needs the kernels, most commands none."""
    from towpath.improvement.queries import through

    return through.carried(actor, names)
