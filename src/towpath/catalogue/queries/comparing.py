"""What a declaration would change: added, changed field by field, back, gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from towpath.catalogue.rules.declaring import DeclaredAgreement, DeclaredService, body_of
from towpath.catalogue.schemas.changes import CatalogueChange, CatalogueField

Body = Mapping[str, Any]
One = DeclaredService | DeclaredAgreement


def compared(
    noun: str, declared: tuple[One, ...], stood: Mapping[str, tuple[Body, bool]], *, complete: bool
) -> Iterator[CatalogueChange]:
    """`stood`: what stands, by name, and whether it is gone. `complete`: what is not declared is gone."""
    for each in declared:
        body = body_of(each)
        before, gone = stood.get(each.name, ({}, False))
        fields = tuple(_fields(before, body))
        if each.name not in stood:
            yield CatalogueChange(noun, each.name, "new", fields)
        elif gone:
            yield CatalogueChange(noun, each.name, "back", fields)
        elif fields:
            yield CatalogueChange(noun, each.name, "changed", fields)
    if complete:
        named = {each.name for each in declared}
        for name in sorted(name for name, (_body, gone) in stood.items() if not gone and name not in named):
            yield CatalogueChange(noun, name, "gone", ())


def _fields(before: Body, after: Body) -> Iterator[CatalogueField]:
    for field in dict.fromkeys((*before, *after)):
        if before.get(field) != after.get(field):
            yield CatalogueField(field, _told(before.get(field)), _told(after.get(field)))


def _told(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
