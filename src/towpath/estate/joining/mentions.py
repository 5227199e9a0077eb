"""Items that a report only names, as ends of links: by name, by kind and name, or by one of their keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from towpath.estate.models import Item, ItemKey
from towpath.estate.rules.identity import spelled
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.sources.report import SeenItem

SOME = 400


def find_mentions(mentioned: Sequence[SeenItem], rules: EstateRules) -> tuple[dict[str, int], list[str]]:
    """The item of each ref that names exactly one, and in words which name several."""
    wanted = {each.ref: _wanted(each) for each in mentioned}
    holders = _holders({value for keys in wanted.values() for _scheme, value in keys})
    named = _named({each.name for each in mentioned})
    found: dict[str, int] = {}
    doubts = []
    for each in mentioned:
        items = {
            item
            for key in wanted[each.ref]
            for item, kind in holders.get(key, ())
            if not each.kind or rules.family_of(kind) == rules.family_of(each.kind)
        }
        items = items or {item for item, kind in named.get(each.name, ()) if each.kind in {"", kind}}
        if len(items) == 1:
            found[each.ref] = items.pop()
        elif items:
            known = ", ".join(f"#{item}" for item in sorted(items)[:5])
            doubts.append(
                f"{each.ref[:100]!r} can be each of {known}: write kind:name, or a key like fqdn:name."
            )
    return found, doubts


def _wanted(each: SeenItem) -> list[tuple[str, str]]:
    keys = each.keys or (("name", each.name), ("fqdn", each.name), ("ip", each.name))
    return [(scheme, value) for scheme, given in keys if (value := spelled(scheme, given))]


def _holders(values: Iterable[str]) -> dict[tuple[str, str], list[tuple[int, str]]]:
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    given = sorted(values)
    for place in range(0, len(given), SOME):
        rows = ItemKey.objects.filter(value__in=given[place : place + SOME])
        for scheme, value, item, kind in rows.values_list("scheme", "value", "item_id", "item__kind"):
            found[scheme, value].append((item, kind))
    return found


def _named(names: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    given = sorted(names)
    for place in range(0, len(given), SOME):
        rows = Item.objects.filter(name__in=given[place : place + SOME], merged_into=None)
        for name, item, kind in rows.values_list("name", "pk", "kind"):
            found[name].append((item, kind))
    return found
