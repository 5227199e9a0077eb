"""What is taken from a bill of materials, whatever its format."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["not_affected", "affected", "fixed", "under_investigation"]
"""OpenVEX 0.2's words for what a product has to do with a vulnerability."""


class BillRefused(ValueError):
    """A bill that cannot be taken. Says where and what to do; nothing of it was kept."""

    def __init__(self, file: str, what: str, remedy: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}, line {line:,}"
        super().__init__(f"{place}: {what} {remedy}")
        self.file, self.line, self.what, self.remedy = file, line, what, remedy


class Part(msgspec.Struct, frozen=True):
    """One thing that a bill lists. `ref` is its name within the bill; `group` a namespace (Maven's groupId,
    npm's scope). `kind` in the bill's own words ("library", "application", "operating-system", "file" ...);
    `purl` as written, "" without one. `licences` are SPDX identifiers, expressions or names."""

    ref: str
    name: str
    version: str = ""
    group: str = ""
    kind: str = "library"
    purl: str = ""
    licences: tuple[str, ...] = ()
    supplier: str = ""


class Statement(msgspec.Struct, frozen=True):
    """What a bill says of a vulnerability (VEX). `status` is None where it names the vulnerability and no
    analysis. `refs`: the parts concerned, as the bill names them, or purls."""

    vulnerability: str
    status: Status | None
    refs: tuple[str, ...] = ()
    justification: str = ""
    detail: str = ""


class Bill(msgspec.Struct, frozen=True):
    """A bill of materials. `about` is the part that it describes, None where it does not say; `parts` holds
    all that it lists besides, in its order, nested ones too. `links`: (ref, ref of what it depends on or
    holds). `doubts`: what was odd and left out, in words."""

    format: str
    version: str
    about: Part | None
    parts: tuple[Part, ...]
    links: tuple[tuple[str, str], ...] = ()
    statements: tuple[Statement, ...] = ()
    doubts: tuple[str, ...] = ()
