"""CloudEvents in binary mode: attributes in `ce-...` headers, data as the body."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from towpath.events.importers.chunks import MAX_RAW_BYTES
from towpath.events.receiving.attributes import Attributes
from towpath.events.receiving.careful import JSON_TYPE, Members, Unreadable, attributes_of, refuse_nul

_PREFIX = "ce-"


def is_binary(media: str, headers: Mapping[str, str]) -> bool:
    """A content type of CloudEvents means structured or batched mode, whatever the headers say."""
    if media.startswith("application/cloudevents"):
        return False
    return any(name.lower() == "ce-specversion" for name in headers)


def read_binary(body: bytes, content_type: str, headers: Mapping[str, str]) -> Attributes:
    """The event of a request. Raises Unreadable."""
    if len(body) > MAX_RAW_BYTES:
        raise Unreadable(f"the event has {len(body):,} bytes; at most {MAX_RAW_BYTES:,} are taken")
    members: Members = {}
    for name, value in headers.items():
        if name.lower().startswith(_PREFIX) and value:
            members[name.lower().removeprefix(_PREFIX)] = _text(name, value)
    if body:
        members |= _data(body, content_type)
    return attributes_of(members)


def _text(name: str, value: str) -> str:
    try:
        text = unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        raise Unreadable(f"header {name} is not percent-encoded UTF-8") from error
    if "\0" in text:
        raise Unreadable(f"header {name} holds a NUL character; leave it out")
    return text


def _data(body: bytes, content_type: str) -> Members:
    if not content_type or JSON_TYPE.fullmatch(content_type):
        try:
            body.decode()
            found = msgspec.json.decode(body)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the body is not JSON ({error}); say in Content-Type what it is") from error
        refuse_nul(body)
        return {} if found is None else {"data": found}
    if content_type.lower().startswith("text/"):
        try:
            return {"data": body.decode(), "datacontenttype": content_type}
        except UnicodeDecodeError:
            pass  # another charset than UTF-8: kept byte for byte
    return {"data_base64": base64.b64encode(body).decode(), "datacontenttype": content_type}
