"""Which items the seen ones are: known ones found by their keys, new ones made, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from towpath.estate.joining.putting import put
from towpath.estate.models import Change, Clash, Discovery, Item, ItemKey
from towpath.estate.rules.identity import Key, same_item, spelled
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.sources.report import SeenItem

Named = tuple[str, Key]
"""A family's key: (family, (scheme, value))."""


@dataclass
class Identified:
    """What a batch came to. `items`: the item of each seen one, in its order; None where there is none.
    `new`: those that were not known before."""

    items: list[int | None] = field(default_factory=list)
    new: set[int] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def keys_of_seen(seen: SeenItem, rules: EstateRules) -> list[Key]:
    """Its keys in their one spelling, the surest first; what the rules do not know such items by is left
    out."""
    schemes = rules.schemes_of(seen.kind)
    given = [*seen.keys, ("name", seen.name)]
    found = dict.fromkeys(
        (scheme, spelled(scheme, value)) for scheme, value in given if not _address(scheme, value)
    )
    return sorted(
        (key for key in found if key[1] and key[0] in schemes), key=lambda key: schemes.index(key[0])
    )


def _address(scheme: str, value: str) -> bool:
    """Whether something is named by its address: that is no name of its own."""
    if scheme != "name":
        return False
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def identify(seen: Sequence[SeenItem], discovery: Discovery, rules: EstateRules) -> Identified:
    """Find or make the items of one batch, and give them their keys. Within a transaction."""
    return _Identifying(seen, discovery, rules).run()


class _Identifying:
    """Items that are new have numbers below 0 until they are made."""

    def __init__(self, seen: Sequence[SeenItem], discovery: Discovery, rules: EstateRules) -> None:
        self.seen, self.discovery, self.rules = seen, discovery, rules
        self.keys = [keys_of_seen(each, rules) for each in seen]
        self.families = [rules.family_of(each.kind) for each in seen]
        self.holders: dict[Named, int] = {}
        self.rows: dict[Named, ItemKey] = {}
        self.keys_of: dict[int, set[Named]] = defaultdict(set)
        self.made: dict[int, Item] = {}
        self.found = Identified()
        self.added: dict[Named, int] = {}
        self.moved: dict[Named, int] = {}
        self.clashes: set[tuple[int, int, Key]] = set()

    def run(self) -> Identified:
        self._load()
        for place in range(len(self.seen)):
            self.found.items.append(self._one(place))
        self._make()
        self._write_keys()
        self._write_clashes()
        return self.found

    def _load(self) -> None:
        values = {value for keys in self.keys for _scheme, value in keys}
        held = ItemKey.objects.filter(value__in=values, family__in=set(self.families))
        holding = {row.item_id for row in held}
        for row in ItemKey.objects.filter(item__in=holding):
            named = (row.family, (row.scheme, row.value))
            self.rows[named], self.holders[named] = row, row.item_id
            self.keys_of[row.item_id].add(named)

    def _one(self, place: int) -> int | None:
        seen, keys, family = self.seen[place], self.keys[place], self.families[place]
        if not keys:
            told = "" if seen.line is None else f"line {seen.line:,}: "
            self.found.doubts.append(f"{told}{seen.name[:100] or seen.ref} has nothing that it is known by.")
            return None
        item = same_item(
            keys,
            {key: self.holders[family, key] for key in keys if (family, key) in self.holders},
            _KeysOf(self.keys_of, family),
            self.rules.schemes_of(seen.kind),
            self.rules.passing,
        )
        if item is None:
            item = -len(self.made) - 1
            at = self.discovery.at
            self.made[item] = Item(kind=seen.kind, name=seen.name[:300], first_seen=at, last_seen=at)
        for key in keys:
            self._take_key(item, family, key)
        return item

    def _take_key(self, item: int, family: str, key: Key) -> None:
        named = (family, key)
        holder = self.holders.get(named)
        if holder == item:
            return
        if holder is not None and key[0] not in self.rules.passing:
            self.clashes.add((item, holder, key))
            return
        if named in self.rows and self.rows[named].last_seen > self.discovery.at:
            return
        if holder is None:
            self.added[named] = item
        else:
            self.keys_of[holder].discard(named)
            (self.added if named in self.added else self.moved)[named] = item
        self.holders[named] = item
        self.keys_of[item].add(named)

    def _make(self) -> None:
        rows = Item.objects.bulk_create(self.made.values())
        real = dict(zip(self.made, (row.pk for row in rows), strict=True))
        self.found.items = [real.get(item, item) if item is not None else None for item in self.found.items]
        self.found.new = set(real.values())
        self.added = {named: real.get(item, item) for named, item in self.added.items()}
        self.moved = {named: real.get(item, item) for named, item in self.moved.items()}
        self.clashes = {(real.get(a, a), real.get(b, b), key) for a, b, key in self.clashes}
        for pk in self.found.new:
            self.found.changes.append(Change(discovery=self.discovery, item_id=pk, what=Change.What.NEW))

    def _write_keys(self) -> None:
        at, source = self.discovery.at, self.discovery.source
        seen_again = [
            self.rows[family, key].pk
            for keys, family in zip(self.keys, self.families, strict=True)
            for key in keys
            if (family, key) in self.rows
        ]
        ItemKey.objects.filter(pk__in=seen_again, last_seen__lt=at).update(last_seen=at)
        for named, item in self.moved.items():
            row = self.rows[named]
            self.found.changes += self._passed_on(row, item)
            row.item_id, row.source = item, source
        ItemKey.objects.bulk_update([self.rows[named] for named in self.moved], ["item", "source"])
        put(
            ItemKey,
            ("item_id", "family", "scheme", "value", "source", "first_seen", "last_seen"),
            ((item, family, *key, source, at, at) for (family, key), item in self.added.items()),
        )

    def _passed_on(self, row: ItemKey, item: int) -> Iterable[Change]:
        both = {"discovery": self.discovery, "what": Change.What.MOVED, "field": row.scheme}
        yield Change(item_id=row.item_id, before=row.value, **both)
        yield Change(item_id=item, after=row.value, **both)

    def _write_clashes(self) -> None:
        at, source = self.discovery.at, self.discovery.source
        Clash.objects.bulk_create(
            (
                Clash(
                    item_id=item,
                    other_id=other,
                    scheme=key[0],
                    value=key[1],
                    source=source,
                    first_seen=at,
                    last_seen=at,
                )
                for item, other, key in self.clashes
            ),
            update_conflicts=True,
            unique_fields=["item", "other", "scheme", "value"],
            update_fields=["last_seen", "source"],
        )


class _KeysOf(dict[int, Iterable[Key]]):
    """All keys of an item within one family, looked up when asked for."""

    def __init__(self, known: dict[int, set[Named]], family: str) -> None:
        super().__init__()
        self.known, self.family = known, family

    def __missing__(self, item: int) -> Iterable[Key]:
        return [key for family, key in self.known.get(item, ()) if family == self.family]
