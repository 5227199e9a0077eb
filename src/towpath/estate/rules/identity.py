"""Whether what a source sees is an item that is known: by its keys, the surest first.

A weaker key finds nothing where a surer one contradicts it: a host that answers at a known address with
another network card is another host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address

Key = tuple[str, str]
"""(scheme, value)"""

LONGEST = 500
_MAC = re.compile(r"[0-9a-f]{12}")
_SAY_NOTHING = frozenset(
    {
        "", "none", "null", "unknown", "n/a", "na", "default", "default string", "not specified",
        "not available", "not applicable", "system serial number", "to be filled by o.e.m.",
        "to be filled by oem", "0", "0123456789", "123456789", "localhost", "localhost.localdomain",
    }
)  # fmt: skip
"""What makers write where nobody filled it in: two machines that say so are not the same one."""


def spelled(scheme: str, value: str) -> str:
    """A key's value in its one spelling; "" where it tells nothing apart."""
    text = " ".join(value.split())[:LONGEST]
    if text.lower() in _SAY_NOTHING:
        return ""
    if scheme == "mac":
        digits = re.sub(r"[^0-9a-f]", "", text.lower())
        known = _MAC.fullmatch(digits) and digits not in {"0" * 12, "f" * 12}
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2)) if known else ""
    if scheme == "ip":
        return _address(text)
    if scheme == "fqdn":
        return text.lower().rstrip(".")
    return text if scheme == "purl" else text.casefold()


def _address(text: str) -> str:
    """With what stands behind "@": the site, where the same address is used at several."""
    address, at, site = text.partition("@")
    try:
        read = ip_address(address)
    except ValueError:
        return ""
    if read.is_unspecified or (read.is_loopback and not site):
        return ""
    return f"{read}{at}{site.casefold()}"


def same_item(
    seen: Sequence[Key],
    holders: Mapping[Key, int],
    keys_of: Mapping[int, Iterable[Key]],
    order: Sequence[str],
    passing: Iterable[str] = (),
) -> int | None:
    """The known item that this is, or None where it is a new one.

    `holders`: whose each key is; `keys_of`: all keys of these items; `order`: schemes, the surest first.
    Schemes that are `passing` contradict nothing: an address is anybody's by turns.
    """
    steady = [scheme for scheme in order if scheme not in set(passing)]
    mine = _by_scheme(seen)
    for scheme in order:
        found = {holders[scheme, value] for value in mine.get(scheme, ()) if (scheme, value) in holders}
        surer = steady[: steady.index(scheme)] if scheme in steady else steady
        for item in sorted(found):
            theirs = _by_scheme(keys_of[item])
            if not any(_contradict(mine, theirs, each) for each in surer):
                return item
    return None


def _contradict(mine: Mapping[str, set[str]], theirs: Mapping[str, set[str]], scheme: str) -> bool:
    return scheme in mine and scheme in theirs and mine[scheme].isdisjoint(theirs[scheme])


def _by_scheme(keys: Iterable[Key]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for scheme, value in keys:
        found.setdefault(scheme, set()).add(value)
    return found
