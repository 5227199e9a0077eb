"""Licences as bills write them: SPDX expressions where they are any, else as written."""

from __future__ import annotations

from functools import lru_cache

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

NOTHING = frozenset({"", "noassertion", "none", "unknown"})


@lru_cache(maxsize=20_000)
def licences_in(text: str) -> tuple[str, ...]:
    """What one library's bill says. Several stand with commas between, as some names have within: they are
    taken apart only where each is an SPDX expression. () where none is known."""
    pieces = [each for each in text.split(", ") if each.strip().lower() not in NOTHING]
    expressions = [_expression(each) for each in pieces]
    if expressions and all(expressions):
        return tuple(dict.fromkeys(each for each in expressions if each))
    whole = ", ".join(pieces).strip()
    return (whole,) if whole else ()


def is_spdx(licence: str) -> bool:
    """Whether it is an expression of identifiers that SPDX lists, or of references that it allows."""
    return _expression(licence) is not None


@lru_cache(maxsize=20_000)
def _expression(text: str) -> str | None:
    """In SPDX's own spelling; None where it is no expression."""
    try:
        return str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, ValueError):
        return None
