"""Asking another system for something, at an address that a person gave.

Guarded as webhooks are: the name is looked up once, the connection goes to the number that was looked at, and
redirects are not followed. An answer has a limit.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from urllib.parse import urlencode, urlsplit

from towpath.foundation.outbox.webhooks import NotDelivered, connected, place_of

LONGEST = 64_000_000
"""Bytes of an answer."""
LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True)
class Answer:
    """`retry_after_s`: for how long not to ask again, as the other side says; None where it does not."""

    status: int
    body: bytes
    retry_after_s: float | None


def fetch(url: str, query: Mapping[str, str], headers: Mapping[str, str], *, private: bool) -> Answer:
    """GET the address; the answer whatever its status.

    Raises NotDelivered where there is none, and for an address that leads into a private network unless
    `private` allows that.
    """
    parts, number = place_of(url, private=private)
    path = (parts.path or "/") + (f"?{urlencode(query)}" if query else "")
    sent = {**headers, "Host": parts.netloc, "User-Agent": "Towpath", "Accept": "application/json"}
    try:
        connection = connected(parts, number)
        try:
            connection.request("GET", path, headers=sent)
            answer = connection.getresponse()
            body = answer.read(LONGEST + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"{parts.hostname} does not answer: {error}.") from error
    if len(body) > LONGEST:
        raise NotDelivered(f"{parts.hostname} answered with more than {LONGEST:,} bytes.", answer.status)
    return Answer(answer.status, body, _wait(answer.getheader("Retry-After")))


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


def _wait(header: str | None) -> float | None:
    """Seconds, from a number of them or a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return min(float(header), LONGEST_WAIT_S)
    try:
        return min(max(parsedate_to_datetime(header).timestamp() - time(), 0.0), LONGEST_WAIT_S)
    except ValueError:
        return None
