"""The catalogue as YAML: read strictly, checked over all its files, and written."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

import msgspec
import yaml

from towpath.catalogue.rules.declaring import Declared, DeclaredAgreement, DeclaredService, DeclaredTarget
from towpath.catalogue.rules.promises import MEASURES
from towpath.foundation.operations.documents import Document, Form, Path, read_document
from towpath.foundation.operations.shaping import in_words, shaped

FORM = Form(longest=2_000_000, deepest=8, begin="Begin with `services:` or `agreements:`.")
LONGEST = {"title": 200, "owner": 200, "purpose": 4_000, "hours": 500}
MOST_DAYS = 366
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
Text = tuple[str, str]
"""The name of a file, and what stands in it."""
Problem = tuple[Path, str]


def read_catalogue(texts: Sequence[Text], known: Collection[str] = ()) -> Declared:
    """All files as one. `known`: services that are in the catalogue already and stay. Raises DocumentError
    with file, line, column and what is expected."""
    read = [(document := read_document(text, name, FORM), shaped(document, Declared, written=True))
            for name, text in texts]  # fmt: skip
    services = {*known, *(each.name for _document, found in read for each in found.services)}
    seen: dict[tuple[str, str], str] = {}
    for document, found in read:
        for path, told in (*_twice(document, found, seen), *_problems(found, services)):
            raise document.error(path, in_words(path, f"{told}."))
    return Declared(
        services=tuple(each for _document, found in read for each in found.services),
        agreements=tuple(each for _document, found in read for each in found.agreements),
    )


def write_catalogue(declared: Declared) -> str:
    """Its YAML; reading it gives the same."""
    dumped: str = yaml.safe_dump(
        msgspec.to_builtins(declared), sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return dumped


def _twice(document: Document, found: Declared, seen: dict[tuple[str, str], str]) -> Iterator[Problem]:
    named = {
        "services": [each.name for each in found.services],
        "agreements": [each.name for each in found.agreements],
    }
    for kind, names in named.items():
        for place, name in enumerate(names):
            first = seen.setdefault((kind, name), f"{document.name} {place}")
            if first != f"{document.name} {place}":
                told = f"{name!r} stands twice, first in {first.rpartition(' ')[0]}; keep one of them"
                yield (kind, place, "name"), told


def _problems(found: Declared, services: Collection[str]) -> Iterator[Problem]:
    for place, service in enumerate(found.services):
        for path, told in _service(service, services):
            yield ("services", place, *path), told
    for place, agreement in enumerate(found.agreements):
        for path, told in _agreement(agreement, services):
            yield ("agreements", place, *path), told


def _service(each: DeclaredService, services: Collection[str]) -> Iterator[Problem]:
    if not _NAME.fullmatch(each.name):
        yield ("name",), "a name is of small letters, digits, dots and dashes, like card-payments"
    for field, longest in LONGEST.items():
        text: str = getattr(each, field)
        if len(text) > longest:
            yield (field,), f"at most {longest:,} characters, these are {len(text):,}"
        if field != "hours" and not text.strip():
            yield (field,), "it is empty: write it down"
    for place, needed in enumerate(each.needs):
        if needed == each.name:
            yield ("needs", place), "a service cannot need itself"
        elif needed not in services:
            yield ("needs", place), _unknown("service", needed, services)
    yield from _papers_and_costs(each)
    for field in ("seen_as", "items", "consumers"):
        for place, text in enumerate(getattr(each, field)):
            if not text.strip() or len(text) > 300:
                yield (field, place), "a name has 1 to 300 characters"


def _papers_and_costs(each: DeclaredService) -> Iterator[Problem]:
    for place, offering in enumerate(each.offerings):
        if not offering.name.strip():
            yield ("offerings", place, "name"), "it is empty: say what can be had"
    for place, paper in enumerate(each.documents):
        if not _is_https(paper.url):
            yield ("documents", place, "url"), "an address begins with https:// and names a host"
    for place, cost in enumerate(each.costs):
        if not (math.isfinite(cost.a_month) and 0 <= cost.a_month < 1e12):
            yield ("costs", place, "a_month"), "an amount is a number from 0"
        if not _CURRENCY.fullmatch(cost.currency):
            yield ("costs", place, "currency"), "a currency is three capital letters, like EUR"
        if not cost.source.strip():
            yield ("costs", place, "source"), "say who says so, like the ledger of 2026"


def _agreement(each: DeclaredAgreement, services: Collection[str]) -> Iterator[Problem]:
    if not each.name.strip() or len(each.name) > 200:
        yield ("name",), "a name has 1 to 200 characters"
    if each.service not in services:
        yield ("service",), _unknown("service", each.service, services)
    for field in ("provider", "consumer"):
        if not getattr(each, field).strip() or len(getattr(each, field)) > 200:
            yield (field,), "a party has 1 to 200 characters"
    if not each.targets:
        yield ("targets",), "without a target nothing is agreed: name a measure and its value"
    for place, target in enumerate(each.targets):
        for path, told in _target(target):
            yield ("targets", place, *path), told


def _target(each: DeclaredTarget) -> Iterator[Problem]:
    rule = MEASURES[each.measure]
    if each.unit not in rule.units:
        yield ("unit",), f"{each.measure} is measured in {' or '.join(rule.units)}, not in {each.unit!r}"
    if not math.isfinite(each.value) or each.value <= 0 or (rule.share and each.value > 100):
        yield ("value",), "a number above 0" + (" and up to 100" if rule.share else "") + " is expected"
    if not 1 <= each.days <= MOST_DAYS:
        yield ("days",), f"from 1 to {MOST_DAYS} days are expected"


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and len(url) <= 2_000 and url.isprintable()


def _unknown(what: str, written: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(written, sorted(known), n=1)
    return f"{written[:100]!r} is no {what} here" + (f"; did you mean {near[0]}" if near else "")
