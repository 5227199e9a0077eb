"""Webhooks out, signed as Standard Webhooks says (specification 1.0, symmetric signatures).

A receiver's address is given by a person, so it may lie about where it leads: its name is looked up once, the
connection goes to the number that was looked at, and redirects are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
from base64 import b64decode, b64encode
from urllib.parse import SplitResult, urlsplit

OPENING = "whsec_"
TIMEOUT_S = 15.0


CARRYING_IPV4 = tuple(
    ipaddress.ip_network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""NAT64, 6to4, Teredo and IPv4-compatible addresses lead to an IPv4 address that is not looked at here."""


class NotDelivered(Exception):
    """The receiver did not take it; the text says why. `status`: what it answered, 0 without an answer."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


def draw_secret() -> str:
    """192 random bits, as receivers' libraries take them."""
    return OPENING + b64encode(secrets.token_bytes(24)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over "id.timestamp.body"."""
    key = b64decode(secret.removeprefix(OPENING))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def place_of(url: str, *, private: bool) -> tuple[SplitResult, str]:
    """The address's parts, and the number to connect to.

    Raises NotDelivered for what is no https:// address, for a name that is not known, and for one that leads
    into a private network unless `private` allows that (and http:// with it).
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise NotDelivered(f"{parts.scheme or 'This'}: an address of a webhook begins with https://.")
    if not parts.hostname or parts.username or parts.password:
        raise NotDelivered("An address of a webhook reads https://HOST/PATH, without a user.")
    try:
        port = parts.port or _usual_port(parts)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError) as error:
        raise NotDelivered(f"The host {parts.hostname} is not known: {error}.") from error
    numbers = [str(place[4][0]).partition("%")[0] for place in found]
    hidden = [number for number in numbers if not is_public(number)]
    if hidden and not private:
        raise NotDelivered(
            f"{parts.hostname} leads to {hidden[0]}, inside a private network: where that is meant, "
            "set TOWPATH_WEBHOOKS_PRIVATE=yes."
        )
    return parts, numbers[0]


def is_public(number: str) -> bool:
    """Whether an IP address is one of the open Internet."""
    address = ipaddress.ip_address(number)
    if address.version == 6 and any(address in network for network in CARRYING_IPV4):
        return False
    inside = getattr(address, "ipv4_mapped", None) or address
    return inside.is_global and not inside.is_multicast


def post(url: str, secret: str, message_id: str, timestamp: int, body: bytes, *, private: bool) -> int:
    """Send a JSON body; returns the status. Raises NotDelivered for everything but 2xx."""
    parts, number = place_of(url, private=private)
    headers = {
        "Content-Type": "application/json",
        "Host": parts.netloc,
        "User-Agent": "Towpath",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = connected(parts, number)
        try:
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"{parts.hostname} does not answer: {error}.") from error
    if not 200 <= status < 300:
        raise NotDelivered(f"{parts.hostname} answered with {status}.", status)
    return status


def connected(parts: SplitResult, number: str) -> http.client.HTTPConnection:
    """A connection to the number, under the host's name where TLS asks for it."""
    port, host = parts.port or _usual_port(parts), parts.hostname or ""
    connection = http.client.HTTPConnection(number, port, timeout=TIMEOUT_S)
    connection.connect()
    if parts.scheme == "https":
        try:
            wrapped = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        except OSError:
            connection.close()
            raise
        connection.sock = wrapped
    return connection


def _usual_port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80
