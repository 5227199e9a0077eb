"""What people said tickets are about, as histories are filled by it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Max, Sum

from towpath.desk.models import Desk, TicketLink

ByNumber = dict[str, dict[str, str]]
"""What it is about -> number of the ticket -> value."""


def confirmed_of(desk: Desk, numbers: Iterable[str] | None = None, about: str = "") -> ByNumber:
    """What people confirmed at a desk, of these tickets or of all, about one thing or about all."""
    rows = TicketLink.objects.filter(desk=desk, confirmed=True)
    if about:
        rows = rows.filter(about=about)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    found: ByNumber = {}
    for what, number, value in rows.values_list("about", "number", "value"):
        found.setdefault(what, {})[number] = value
    return found


def rejected_of(desk: Desk, about: str, numbers: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Values that people rejected, by number."""
    found: dict[str, list[str]] = {}
    rows = TicketLink.objects.filter(desk=desk, about=about, confirmed=False)
    if numbers is not None:
        rows = rows.filter(number__in=list(numbers))
    for number, value in rows.values_list("number", "value"):
        found.setdefault(number, []).append(value)
    return found


def token_of(desk: Desk) -> str:
    """Stands for what was confirmed, whose rows are made and removed but never changed; "" for nothing."""
    found = TicketLink.objects.filter(desk=desk, confirmed=True).aggregate(
        count=Count("pk"), last=Max("pk"), sum=Sum("pk")
    )
    return f"{desk.pk}.{found['count']}.{found['last']}.{found['sum']}" if found["count"] else ""
