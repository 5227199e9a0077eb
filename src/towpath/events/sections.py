"""Sections of a mapping that a higher area understands: it says here how one is checked, and what follows.

    add_section("desk", check=..., confirmed=...)

is called when that area's app is ready. A mapping's text may then hold `desk:`; what stands there is checked
when the mapping is read, and told when a person agrees to an import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.events.mapping import Mapping
    from towpath.events.models import FileImport
    from towpath.foundation.access.actor import Actor
    from towpath.foundation.operations.documents import Document

Check = Callable[["Document"], object]
"""Raises DocumentError about what is wrong; the document's root is the section."""
Confirmed = Callable[["Actor", "FileImport", "Mapping"], None]
"""Within the transaction that confirms an import, whether or not its mapping has the section
(`Mapping.sections`, by name)."""

Leads = Callable[[str], "tuple[str, str] | None"]
"""Where a person goes on after an import of a source: the words of a link, and its address."""


@dataclass(frozen=True)
class Section:
    """One section: its name is the key in the mapping's text."""

    name: str
    check: Check
    confirmed: Confirmed
    leads: Leads


_sections: dict[str, Section] = {}


def _nothing(_actor: Actor, _file_import: FileImport, _mapping: Mapping) -> None:
    """Of a section that only says how a file is read."""


def _nowhere(_source: str) -> None:
    """Of a section that makes nothing that could be looked at."""


def add_section(name: str, *, check: Check, confirmed: Confirmed = _nothing, leads: Leads = _nowhere) -> None:
    """Make a section known, once. Raises ValueError where the name is taken by another."""
    found = _sections.setdefault(name, Section(name, check, confirmed, leads))
    if (found.check, found.confirmed) != (check, confirmed):
        raise ValueError(f"the section {name!r} of a mapping is known already")


def sections() -> dict[str, Section]:
    """All that are known, by name."""
    return dict(_sections)


def leads_of(source: str) -> list[tuple[str, str]]:
    """Where a person may go on after an import of this source."""
    return [lead for section in _sections.values() if (lead := section.leads(source)) is not None]
