"""The careful way: one event at a time, for whatever is out of the ordinary, with a reason where it fails."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TypeAlias, cast

import msgspec

from towpath.events.envelope import row_id
from towpath.events.importers.chunks import MAX_RAW_BYTES
from towpath.events.receiving.attributes import (
    ALIASES,
    KNOWN,
    TEXT_NAMES,
    WHOLE_NUMBER,
    Attributes,
    shown,
    trace_of,
)
from towpath.events.receiving.quick import OWN_MEMBER

Members: TypeAlias = dict[str, object]

_VERSION = re.compile(r"1\.0(\.\d+)?")
JSON_TYPE = re.compile(r"(?i)[^/;]+/([^;]+\+)?json\s*(;.*)?")
_LEAP_SECOND = re.compile(r"(?<=[0-5]\d:)60(?=\D|$)")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_SCALARS = frozenset((*TEXT_NAMES, "latency_ms", "value", "seq", *ALIASES.values()))
_OWN_NAMES = frozenset({*_SCALARS, "identifiers", "time"} - {"source", "id", "type", *ALIASES.values()})
_KINDS = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
_encode = msgspec.json.Encoder().encode
_encode_in_order = msgspec.json.Encoder(order="sorted").encode


class Unreadable(ValueError):
    """An event that cannot be taken; the text is the reason."""


class _Data(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")


def read_event(raw: bytes, *, cloud: bool) -> Attributes:
    """The event in a JSON text, by the envelope's names only. With `cloud` it must be a CloudEvent.

    Raises Unreadable.
    """
    if len(raw) > MAX_RAW_BYTES:
        raise Unreadable(f"the event has {len(raw):,} bytes; at most {MAX_RAW_BYTES:,} are taken")
    try:
        raw.decode()
        found = msgspec.json.decode(raw)
    except UnicodeDecodeError as error:
        reason = f"byte 0x{raw[error.start]:02x} at place {error.start + 1} is not UTF-8"
        raise Unreadable(reason) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(f"this is not JSON ({error})") from error
    if not isinstance(found, dict):
        raise Unreadable("this is JSON, but not an object; an event is an object")
    refuse_nul(raw)
    members = found
    if None in found.values():
        members = {name: value for name, value in found.items() if value is not None}
    if cloud and "specversion" not in members:
        raise Unreadable('no specversion; a CloudEvent has "specversion": "1.0"')
    return attributes_of(members, raw)


def refuse_nul(text: bytes) -> None:
    """Columns, databases and people's tools end a text at a NUL. Raises Unreadable where JSON holds one."""
    if b"\\u0000" in text and _NUL.search(text):
        raise Unreadable("the event holds a NUL character; leave it out")


def attributes_of(members: Members, raw: bytes | None = None) -> Attributes:
    """The event of these members (none of them null), which came as `raw` if it came as JSON.

    Raises Unreadable.
    """
    _check_version(members.get("specversion"))
    known = {name: value for name, value in members.items() if name in KNOWN}
    kept = {name: value for name, value in members.items() if name not in KNOWN and name != "data_base64"}
    known.pop("data", None)
    if "id" not in known and "specversion" not in known:
        known["id"] = _identity(members)
    given = _take_own_member(_data_of(members, known.pop("datacontenttype", None)), known)
    _settle(known, kept)
    for name in _SCALARS & known.keys():
        if isinstance(known[name], (dict, list)):
            raise Unreadable(f"{name} must be a text, not {_KINDS[type(known[name])]}")
    if "time" in known:
        known["time"] = _time(known["time"])
    if "identifiers" in known:
        known["identifiers"] = _identifiers(known["identifiers"])
    if raw is not None and not kept and given is members.get("data"):
        known["data"] = msgspec.json.decode(raw, type=_Data).data
    elif given or kept:
        known["data"] = msgspec.Raw(_encode(_joined(given, kept)))
    return Attributes(**known)  # type: ignore[arg-type]


def _check_version(version: object) -> None:
    if version is not None and not _VERSION.fullmatch(str(version)):
        raise Unreadable(f'specversion {shown(version)} is not known here; send CloudEvents "1.0"')


def _data_of(members: Members, content_type: object) -> Members:
    """What will be `data`: an object as it is, anything else under the name it came with."""
    data, base64 = members.get("data"), members.get("data_base64")
    if data is not None and base64 is not None:
        raise Unreadable("both data and data_base64; an event has one of them")
    kind: Members = {}
    if content_type is not None and not JSON_TYPE.fullmatch(str(content_type)):
        kind = {"datacontenttype": content_type}
    if base64 is not None:
        return {"data_base64": base64, **kind}
    if isinstance(data, dict) and not kind:
        return cast(Members, data)
    return {} if data is None else {"data": data, **kind}


def _take_own_member(data: Members, known: Members) -> Members:
    """Adds to `known` the attributes that lie in data, for senders that cannot set them, and gives what is
    left of data. An attribute of the event itself goes first."""
    own = data.get(OWN_MEMBER)
    if not isinstance(own, dict):
        return data
    unknown = sorted(own.keys() - _OWN_NAMES)
    if unknown:
        names = ", ".join(sorted(_OWN_NAMES))
        raise Unreadable(f"data.{OWN_MEMBER}.{unknown[0]} is not known; known are {names}")
    taken = {name for name in own if name not in known and ALIASES.get(name) not in known}
    known.update({name: own[name] for name in taken if own[name] is not None})
    rest = {name: value for name, value in data.items() if name != OWN_MEMBER}
    left = {name: value for name, value in own.items() if name not in taken}
    return {**rest, OWN_MEMBER: left} if left else rest


def _settle(known: Members, kept: Members) -> None:
    """What came under an alias goes by the column's name, if it can be read as that; else it is kept."""
    for name, alias in ALIASES.items():
        value = known.pop(alias, None)
        if value in (None, ""):
            continue
        usable: object = value
        if alias == "traceparent":
            usable = trace_of(value)
        elif alias == "sequence" and not _counts(value):
            usable = None
        if name in known or usable is None:
            kept[alias] = value
        else:
            known[name] = usable


def _counts(sequence: object) -> bool:
    if isinstance(sequence, str):
        return WHOLE_NUMBER.fullmatch(sequence) is not None
    return type(sequence) is int


def _time(value: object) -> datetime:
    text = _LEAP_SECOND.sub("59", value) if isinstance(value, str) and ":60" in value else value
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        reason = f"time {shown(value)} cannot be read; write it like 2026-01-31T09:30:00Z, or with +02:00"
        raise Unreadable(reason) from error
    return found + timedelta(seconds=text != value)


def _identifiers(value: object) -> list[str]:
    """A list, or a text that holds one: attributes of CloudEvents cannot be lists."""
    try:
        if isinstance(value, str):
            return msgspec.json.decode(value, type=list[str])
        return msgspec.convert(value, list[str])
    except msgspec.DecodeError as error:
        reason = f'identifiers {shown(value)} is not a list of texts, like ["mail:a@b.example"]'
        raise Unreadable(reason) from error


def _identity(members: Members) -> str:
    if "time" not in members:
        reason = "neither id nor time: a repeat could not be told from a second event; give one of them"
        raise Unreadable(reason)
    return row_id(str(members.get("source", "")), _encode_in_order(members), 0)


def _joined(data: Members, kept: Members) -> Members:
    """`data` with the attributes that the envelope has no column for; none replaces what the sender put
    there."""
    joined = dict(data)
    for name, value in kept.items():
        free = name
        while free in joined:
            free = f"ce-{free}"
        joined[free] = value
    return joined
