"""What is taken from a VEX document, whatever its format."""

from __future__ import annotations

import msgspec

from towpath.estate.bills import Status

MOST_PAIRS = 200_000
"""Statements times products."""


class VexRefused(ValueError):
    """A document that cannot be taken. Says where and what to do; nothing of it was kept."""

    def __init__(self, file: str, what: str, remedy: str) -> None:
        super().__init__(f"{file}: {what} {remedy}")
        self.file, self.what, self.remedy = file, what, remedy


class Target(msgspec.Struct, frozen=True):
    """What a statement is of: `part` (a purl) within `holder` (a purl or a name). Without a holder the part
    wherever it is; without a part the holder with all that it holds; with neither, whatever the document is
    about."""

    part: str = ""
    holder: str = ""


class VexStatement(msgspec.Struct, frozen=True):
    """`place`: where in the document it stands. `names`: the vulnerability's, with its aliases. `because`:
    the justification and what was written beside it."""

    place: str
    names: tuple[str, ...]
    status: Status
    targets: tuple[Target, ...]
    because: str = ""


class VexDocument(msgspec.Struct, frozen=True):
    """`author`: who signs it. `said_at`: the day that it says it is of, "" where it says none."""

    format: str
    named: str
    author: str
    said_at: str
    statements: tuple[VexStatement, ...]


def checked(file: str, found: VexDocument) -> VexDocument:
    """The document, where it is not too large. Raises VexRefused."""
    pairs = sum(len(each.targets) for each in found.statements)
    if pairs > MOST_PAIRS:
        what = f"It speaks of {pairs:,} pairs of vulnerability and product, more than {MOST_PAIRS:,}."
        raise VexRefused(file, what, "Give it in parts.")
    return found
