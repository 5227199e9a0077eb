"""Which networks and ports somebody writes down, and whether an address lies within them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network
MOST_ADDRESSES = 1 << 16
"""Of one range: what is larger takes days, and is written down by mistake more often than not."""
_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def networks_in(text: str) -> tuple[Network, ...]:
    """The networks (CIDR, or single addresses) of a text, one a line or between commas. Raises ValueError
    with what is wrong and what to do."""
    found = []
    for word in re.split(r"[\s,]+", text.strip()):
        if not word:
            continue
        try:
            found.append(ip_network(word))
        except ValueError as error:
            what = f"{word[:60]!r} is no network: write 192.0.2.0/24, 2001:db8::/120, or one address"
            raise ValueError(f"{what} ({str(error).partition(chr(10))[0]}).") from error
    if not found:
        raise ValueError("Name one network or more, like 192.0.2.0/24.")
    if sum(each.num_addresses for each in found) > MOST_ADDRESSES:
        raise ValueError(f"These are more than {MOST_ADDRESSES:,} addresses: authorise smaller ranges.")
    return tuple(found)


def ports_in(text: str) -> str:
    """Ports as nmap takes them ("22,80,8000-8100"); "" for its own thousand. Raises ValueError."""
    words = [word for word in re.split(r"[\s,]+", text.strip()) if word]
    for word in words:
        match = _PORT.fullmatch(word)
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= low <= high <= 65_535:
            raise ValueError(
                f"{word[:20]!r} is no port: write numbers from 1 to 65535, like 22 or 8000-8100."
            )
    return ",".join(words)


def outside(wanted: Iterable[Network], allowed: Iterable[Network]) -> list[Network]:
    """Those of the wanted networks that no allowed one holds whole."""
    held = list(allowed)
    return [
        each
        for each in wanted
        if not any(
            each.version == one.version
            and int(one.network_address) <= int(each.network_address)
            and int(each.broadcast_address) <= int(one.broadcast_address)
            for one in held
        )
    ]
