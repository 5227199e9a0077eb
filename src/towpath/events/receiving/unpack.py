"""Content-Encoding: a packed body, unpacked up to a limit."""

from __future__ import annotations

import zlib

from towpath.events.receiving.refusals import BodyRefused

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Of a body once it is unpacked. A batch of 500 events has about 300 KB."""
_GZIP = 16 + zlib.MAX_WBITS
_SMALLER = "Send fewer events at a time; 500 are a good batch."


def unpack(body: bytes, content_encoding: str | None, *, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body as it was before it was packed (gzip, or not at all).

    Never makes more than `limit` bytes, however small the packed body is. Raises BodyRefused: 413 beyond the
    limit, 400 for gzip that is broken or ends too early, 415 for another encoding.
    """
    encoding = (content_encoding or "").strip().lower()
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise BodyRefused(413, "Too large", f"A body may have {limit:,} bytes at most. {_SMALLER}")
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise BodyRefused(
            415, "Unknown content encoding", f"{encoding[:60]!r} is not known here; send gzip, or unpacked."
        )
    return _gunzip(body, limit)


def _gunzip(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body:  # gzip allows several members, one after another
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(body, limit - size + 1))
        except zlib.error as error:
            raise BodyRefused(400, "Broken gzip", f"The body cannot be unpacked ({error}).") from error
        size += len(parts[-1])
        if size > limit:
            detail = f"Unpacked, a body may have {limit:,} bytes at most. {_SMALLER}"
            raise BodyRefused(413, "Too large", detail)
        if not member.eof:
            raise BodyRefused(400, "Broken gzip", "The packed body ends too early: was it cut on the way?")
        body = member.unused_data.lstrip(b"\0")  # padding is allowed after a member
    return b"".join(parts)
