"""Whether a source looked where it saw an item before.

A scope is "*" (all that the source tells of), "net:192.0.2.0/24", or any other text, which stands for itself
("namespace:shop"). A place is "ip:192.0.2.7" or such a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
NET, IP, EVERYTHING = "net:", "ip:", "*"


def covering(scopes: Iterable[str]) -> Callable[[str], bool]:
    """Tells of a place whether the scopes hold it. Raises ValueError for a network that is none."""
    given = set(scopes)
    networks = [ip_network(each[len(NET) :], strict=False) for each in given if each.startswith(NET)]
    by_size: dict[tuple[int, int], set[int]] = {}
    for network in networks:
        shift = network.max_prefixlen - network.prefixlen
        by_size.setdefault((network.version, shift), set()).add(int(network.network_address) >> shift)

    def covers(place: str) -> bool:
        if EVERYTHING in given or place in given:
            return True
        if not place.startswith(IP):
            return False
        address = ip_address(place[len(IP) :])
        return any(
            int(address) >> shift in found
            for (version, shift), found in by_size.items()
            if version == address.version
        )

    return covers
