"""NetBox's lists, as its interface gives them: devices, virtual machines, addresses, cables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from towpath.estate.sources.documents import Told, address, json_of, mappings, part, text
from towpath.estate.sources.report import Report, ReportRefused, SeenItem, SeenLink

NETWORK = ("switch", "router", "firewall", "access-point", "load-balancer", "wireless")
STORAGE = ("storage", "san", "nas")
"""Parts of a role's name that say which kind of item a device is; all others are hosts."""


def read_netbox(path: Path) -> Report:
    """What the file lists: one list, or several under their names. Raises ReportRefused."""
    told = json_of(path)
    records = list(_records(told))
    items: dict[str, SeenItem] = {}
    links: list[SeenLink] = []
    doubts: list[str] = []
    for each in records:
        name = text(each, "name")
        if _is_device(each) or _is_machine(each):
            if not name:
                doubts.append(f"record {text(each, 'id') or '?'}: it has no name and was left out.")
                continue
            item = _device(each) if _is_device(each) else _machine(each)
            items[item.ref] = item
            if cluster := text(each, "cluster", "name"):
                items.setdefault(f"cluster:{cluster}", SeenItem(f"cluster:{cluster}", "cluster", cluster))
                links.append(SeenLink("runs_on", item.ref, f"cluster:{cluster}"))
    for each in records:
        _add_address(each, items)
    for each in records:
        links += _cable(each, items, doubts)
    if not items:
        what = "It lists neither devices nor virtual machines."
        raise ReportRefused(
            path.name, what, "Take /api/dcim/devices/ or /api/virtualization/virtual-machines/."
        )
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Report("netbox", at, tuple(items.values()), tuple(dict.fromkeys(links)), doubts=tuple(doubts))


def _records(told: object) -> Iterator[Told]:
    if isinstance(told, list):
        yield from mappings(told)
    elif isinstance(told, Mapping):
        if isinstance(told.get("results"), list):
            yield from mappings(told["results"])
        else:
            for each in told.values():
                if isinstance(each, list | Mapping):
                    yield from _records(each)


def _is_device(each: Told) -> bool:
    return isinstance(each.get("device_type"), Mapping)


def _is_machine(each: Told) -> bool:
    return "vcpus" in each or (isinstance(each.get("cluster"), Mapping) and "memory" in each)


def _device(each: Told) -> SeenItem:
    role = text(each, "role", "slug") or text(each, "device_role", "slug")
    kind = "network_device" if any(word in role for word in NETWORK) else "host"
    kind = "storage" if any(word in role.split("-") for word in STORAGE) else kind
    keys = [("serial", text(each, "serial")), *_addresses(each)]
    more = {"model": text(each, "device_type", "model"), "rack": text(each, "rack", "name"), "role": role}
    return _item(f"device:{text(each, 'name')}", kind, each, keys, more)


def _machine(each: Told) -> SeenItem:
    more = {"virtual": "guest", "cpus": text(each, "vcpus"), "memory_mb": text(each, "memory")}
    return _item(f"machine:{text(each, 'name')}", "host", each, [*_addresses(each)], more)


def _item(ref: str, kind: str, each: Told, keys: list[tuple[str, str]], more: dict[str, str]) -> SeenItem:
    facts = {
        "owner": text(each, "tenant", "name"),
        "lifecycle": text(each, "status", "value"),
        "site": text(each, "site", "name"),
        "os": text(each, "platform", "name"),
        **more,
    }
    return SeenItem(
        ref,
        kind,
        text(each, "name"),
        tuple(dict.fromkeys((scheme, value) for scheme, value in keys if value)),
        {field: value for field, value in facts.items() if value},
    )


def _addresses(each: Told) -> Iterator[tuple[str, str]]:
    for field in ("primary_ip4", "primary_ip6", "primary_ip", "oob_ip"):
        yield "ip", address(text(each, field, "address"))


def _add_address(each: Told, items: dict[str, SeenItem]) -> None:
    """An address of NetBox's list of them, to whom it is assigned."""
    ip, to = address(text(each, "address")), part(each, "assigned_object")
    if not ip or "family" not in each:
        return
    for field, prefix in (("device", "device"), ("virtual_machine", "machine")):
        ref = f"{prefix}:{text(to, field, 'name')}"
        if ref in items:
            item = items[ref]
            keys = tuple(dict.fromkeys([*item.keys, ("ip", ip)]))
            items[ref] = SeenItem(item.ref, item.kind, item.name, keys, item.facts)


def _cable(each: Told, items: Mapping[str, SeenItem], doubts: list[str]) -> Iterator[SeenLink]:
    """The devices at both ends of a cable. The one further from the network needs the other."""
    if "a_terminations" not in each:
        return
    ends = [
        [f"device:{text(end, 'object', 'device', 'name')}" for end in mappings(each.get(side))]
        for side in ("a_terminations", "b_terminations")
    ]
    for start in ends[0]:
        for end in ends[1]:
            if start not in items or end not in items or start == end:
                doubts.append(f"cable {text(each, 'id') or '?'}: an end of it is not among the devices.")
                continue
            towards = items[start].kind == "network_device" and items[end].kind != "network_device"
            yield SeenLink("connects_to", *((end, start) if towards else (start, end)))
