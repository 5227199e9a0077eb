"""The estate's rules: kinds of items and links, identity, and whose word counts. Data, read strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from towpath.foundation.operations.documents import Form, Path, read_document
from towpath.foundation.operations.shaping import in_words, shaped

FORM = Form(longest=100_000, deepest=6, begin="Begin with `kinds:` and `links:`.")
End = Literal["start", "end"]
Severity = Literal["critical", "high", "medium", "low", "unknown"]
USUAL_DAYS = 90
STAND_ALONE = ("host", "storage", "network_device", "cloud_resource", "supplier_service")


class ItemKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`layer`: its row in pictures, from 0, what customers meet at the top. `keys`: the schemes by which such
    an item is known, the surest first. `family`: kinds of one family may be one thing, as a host that another
    source takes for a network device; without one a kind stands alone."""

    name: str
    layer: int
    keys: tuple[str, ...]
    family: str = ""


class LinkKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`needs`: which end does not work without the other."""

    name: str
    needs: End


class EstateRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See `estate.yaml`, which says of each what it is for."""

    kinds: dict[str, ItemKind]
    links: dict[str, LinkKind]
    passing: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    onlookers: tuple[str, ...] = ()
    current_days: int = 7
    named_by_events: tuple[str, ...] = ()
    stand_alone: tuple[str, ...] = STAND_ALONE
    unavailability: dict[str, float] = {}
    mend_within_days: dict[Severity, int] = {}
    mend_carrying_from: int = 1
    mend_carrying_within_days: dict[Severity, int] = {}

    def days_for(self, severity: str) -> int:
        """Within how many days a weak library of that severity ("" where nobody says one) is to be mended."""
        return _days(self.mend_within_days, severity, USUAL_DAYS)

    def days_carrying(self, severity: str) -> int:
        """Within how many where customers meet what holds it; without a word of the rules as many as
        elsewhere."""
        return _days(self.mend_carrying_within_days, severity, self.days_for(severity))

    def family_of(self, kind: str) -> str:
        """What its keys are told apart by."""
        known = self.kinds.get(kind)
        return (known.family if known else "") or kind

    def schemes_of(self, kind: str) -> tuple[str, ...]:
        """The surest first; a kind that the rules do not know is known by its name."""
        known = self.kinds.get(kind)
        return known.keys if known else ("name",)

    def weight_of(self, form: str) -> int:
        """How much the word of such a source counts: the smaller the more."""
        return self.sources.index(form) if form in self.sources else len(self.sources)


def read_rules(text: str, name: str) -> EstateRules:
    """The rules that a YAML text holds; `name` is the file, for errors. Raises DocumentError with line and
    column."""
    document = read_document(text, name, FORM)
    found = shaped(document, EstateRules)
    for path, problem in _problems(found):
        raise document.error(path, in_words(path, problem))
    return found


def shipped_text() -> str:
    """The YAML that comes along."""
    return files("towpath.estate.rules").joinpath("estate.yaml").read_text(encoding="utf-8")


@cache
def shipped() -> EstateRules:
    return read_rules(shipped_text(), "estate.yaml")


def _days(given: Mapping[Severity, int], severity: str, usual: int) -> int:
    wanted = severity or "unknown"
    return next((days for each, days in given.items() if each == wanted), usual)


def _problems(found: EstateRules) -> Iterator[tuple[Path, str]]:
    for key, kind in found.kinds.items():
        if not kind.keys:
            yield ("kinds", key, "keys"), "say what such an item is known by, at least `name`"
        if not 0 <= kind.layer <= 20:
            yield ("kinds", key, "layer"), "a layer is a row from 0 to 20"
    if not found.kinds:
        yield ("kinds",), "without a kind nothing can exist"
    if not 1 <= found.current_days <= 3650:
        yield ("current_days",), "from 1 day to ten years"
    yield from _of_days(found)
    for place, key in enumerate(found.stand_alone):
        if key not in found.kinds and found.stand_alone != STAND_ALONE:
            yield ("stand_alone", place), f"{key!r} is no kind of these rules"
    for key, share in found.unavailability.items():
        if key not in found.kinds:
            yield ("unavailability", key), f"{key!r} is no kind of these rules"
        if not 0.0 <= share <= 1.0:
            yield ("unavailability", key), "a share of time lies between 0 and 1"


def _of_days(found: EstateRules) -> Iterator[tuple[Path, str]]:
    if found.mend_carrying_from < 1:
        yield ("mend_carrying_from",), "from one customer a week on"
    for field in ("mend_within_days", "mend_carrying_within_days"):
        for severity, days in getattr(found, field).items():
            if not 0 <= days <= 3650:
                yield (field, severity), "from 0 days to ten years"
