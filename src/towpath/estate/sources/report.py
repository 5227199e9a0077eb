"""What a source tells of the estate at one time, whatever its format."""

from __future__ import annotations

from datetime import datetime

import msgspec

EVERYTHING = "*"
"""A scope: all that the source has ever told of. What it does not name any more is gone."""


class ReportRefused(ValueError):
    """A report that cannot be taken. Says where and what to do; nothing of it was kept."""

    def __init__(self, file: str, what: str, remedy: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}, line {line:,}"
        super().__init__(f"{place}: {what} {remedy}")
        self.file, self.line, self.what, self.remedy = file, line, what, remedy


class SeenItem(msgspec.Struct, frozen=True):
    """An item as the source sees it. `ref`: its name within the report. `keys`: (scheme, value) as written.
    `facts`: field to value; kind and name are facts too. `place`: where it was seen, for what a later report
    does not see there any more ("ip:192.0.2.1", a namespace ...). `mentioned`: only named, as the end of a
    link: it is looked up and never made."""

    ref: str
    kind: str
    name: str
    keys: tuple[tuple[str, str], ...] = ()
    facts: dict[str, str] = {}
    place: str = ""
    mentioned: bool = False
    line: int | None = None


class SeenLink(msgspec.Struct, frozen=True):
    """`start` and `end` are refs of the report; for the rest see `models.links.Link`."""

    kind: str
    start: str
    end: str
    group: str = ""
    needed: int | None = None
    common: float = 0.0
    line: int | None = None


class Report(msgspec.Struct, frozen=True):
    """What one source told. `form`: which kind of source ("nmap", "csv" ...). `at`: when it looked, with time
    zone. `scopes`: what it looked at whole, see `rules.scopes`. `doubts`: what was odd and left out.
    `asked`: the ports that it looked at, by protocol, each from and to; None where it tells all there is."""

    form: str
    at: datetime
    items: tuple[SeenItem, ...]
    links: tuple[SeenLink, ...] = ()
    scopes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    asked: dict[str, tuple[tuple[int, int], ...]] | None = None

    def asks_for(self, field: str) -> bool:
        """Whether the source would have told of this fact, were it so: a scan of other ports says nothing."""
        parts = field.split("/")
        if self.asked is None or len(parts) != 3 or parts[0] != "port" or not parts[2].isdigit():
            return True
        return any(low <= int(parts[2]) <= high for low, high in self.asked.get(parts[1], ()))
