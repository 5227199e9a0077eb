"""What people said of a desk's missing links, as whoever reads its history needs it."""

from __future__ import annotations

from towpath.desk.measures.filling import Fill
from towpath.desk.models import Desk, LinkWord


def fills_of(desk: Desk) -> tuple[Fill, ...]:
    """What was confirmed, the last said last."""
    columns = ("field", "value", "topic", "team", "number")
    rows = LinkWord.objects.filter(desk=desk, refused=False).order_by("pk").values_list(*columns)
    return tuple(Fill(*row) for row in rows)
