"""One batch over HTTP, and what its answer means for the events in it."""

from __future__ import annotations

import email.message
import email.utils
import encodings.idna  # noqa: F401 - else a thread imports it at its first post, and a fork meanwhile breaks that
import gzip
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PATH = "/api/events"
MOST_BYTES_OF_AN_ANSWER = 10_000_000


@dataclass(frozen=True)
class Taken:
    """The server has the batch on its disk, but for those refused: index in the batch to reason."""

    refused: Mapping[int, str]


@dataclass(frozen=True)
class TooMuch:
    """The batch as it is cannot be read (`reason`): smaller ones tell which event it is."""

    reason: str


@dataclass(frozen=True)
class NotNow:
    """Try again, not before `pause` seconds where the server names a pause."""

    reason: str
    pause: float | None = None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        """The key goes to the server that was named, and to no other."""


class Sender:
    """Posts batches to one server. Proxies are those of the environment."""

    def __init__(self, url: str, key: str, timeout: float, context: ssl.SSLContext | None) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"url {url!r} must begin with http:// or https://")
        self._url = url.rstrip("/") + PATH
        self._key = key
        self._timeout = timeout
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), _NoRedirect()
        )

    def post(self, events: Sequence[str]) -> Taken | TooMuch | NotNow:
        """Send these events (JSON texts) as one batch; trouble of any kind comes back as `NotNow`."""
        body = gzip.compress(f"[{','.join(events)}]".encode(), 1)
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/cloudevents-batch+json",
            "Content-Encoding": "gzip",
            "User-Agent": "towpath-client",
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _meaning(answer.status, answer.headers, answer.read(MOST_BYTES_OF_AN_ANSWER))
        except urllib.error.HTTPError as answer:
            with answer:
                return _meaning(answer.code, answer.headers, answer.read(MOST_BYTES_OF_AN_ANSWER))
        except (OSError, http.client.HTTPException) as error:
            return NotNow(f"{self._url} cannot be reached ({error})")


def _meaning(status: int, headers: email.message.Message, body: bytes) -> Taken | TooMuch | NotNow:
    if status == 202:
        return _taken(body)
    reason = f"the server answered {status}: {_detail(body)}"
    if status == 413:
        return TooMuch(reason)
    if status == 400 and "problem+json" in headers.get("Content-Type", ""):
        return TooMuch(reason)  # from anything else than Towpath, a 400 says nothing about the events
    return NotNow(reason, _pause(headers.get("Retry-After")))


def _taken(body: bytes) -> Taken | NotNow:
    try:
        refused = json.loads(body)["refused"]
        return Taken({int(each["index"]): str(each["reason"]) for each in refused})
    except (ValueError, LookupError, TypeError) as error:
        return NotNow(f"the server's answer cannot be read ({error!r})")


def _detail(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace")


def _pause(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds: a number, or a date of HTTP."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(int(retry_after)))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
