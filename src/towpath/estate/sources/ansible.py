"""What Ansible gathers of hosts: a file of `ansible -m setup --tree`, or several hosts' facts in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from towpath.estate.sources.documents import address, json_of, part, text
from towpath.estate.sources.report import Report, ReportRefused, SeenItem

NO_SERIAL = frozenset(
    {"", "na", "none", "not specified", "to be filled by o.e.m.", "system serial number", "0"}
)
"""What machines say that have no serial number of their own."""
FACTS = {
    "os": ("ansible_distribution",),
    "os_version": ("ansible_distribution_version",),
    "kernel": ("ansible_kernel",),
    "architecture": ("ansible_architecture",),
    "cpus": ("ansible_processor_vcpus",),
    "memory_mb": ("ansible_memtotal_mb",),
    "virtual": ("ansible_virtualization_role",),
    "vendor": ("ansible_system_vendor",),
    "model": ("ansible_product_name",),
    "booted_s_ago": ("ansible_uptime_seconds",),
}
"""A fact of the estate, and where Ansible tells it. Packages and what programs run are not taken."""


def read_ansible(path: Path) -> Report:
    """The hosts of the file. The report's time is that of the facts, the latest of them; without any, the
    file's own. Raises ReportRefused."""
    told = json_of(path)
    hosts = list(_hosts(told, path))
    if not hosts:
        what = "It holds no `ansible_facts`."
        raise ReportRefused(path.name, what, "Gather them with `ansible -m setup --tree FOLDER`.")
    items, doubts, times = [], [], []
    for name, facts in hosts:
        item = _item(name, facts)
        if not item.keys:
            doubts.append(f"{name}: nothing tells it from other hosts, neither name, address nor number.")
            continue
        items.append(item)
        if (at := _time(facts)) is not None:
            times.append(at)
    at = max(times) if times else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Report("ansible", at, tuple(items), doubts=tuple(doubts))


def _hosts(told: object, path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and facts of each host, however the file holds them."""
    if isinstance(told, list):
        for each in told:
            yield from _hosts(each, path)
        return
    if not isinstance(told, Mapping):
        return
    own = told.get("ansible_facts") if isinstance(told.get("ansible_facts"), Mapping) else told
    if isinstance(own, Mapping) and any(str(name).startswith("ansible_") for name in own):
        yield text(told, "inventory_hostname") or text(own, "ansible_hostname") or path.stem, own
        return
    for name, each in told.items():
        if isinstance(each, Mapping):
            for _own, facts in _hosts(each, path):
                yield str(name), facts


def _item(name: str, facts: Mapping[str, Any]) -> SeenItem:
    known = {field: text(facts, *names) for field, names in FACTS.items()}
    return SeenItem(
        ref=name,
        kind="host",
        name=text(facts, "ansible_hostname") or name,
        keys=tuple(dict.fromkeys(_keys(facts))),
        facts={field: value for field, value in known.items() if value},
    )


def _keys(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    serial = text(facts, "ansible_product_serial")
    if serial.casefold() not in NO_SERIAL:
        yield "serial", serial
    if machine := text(facts, "ansible_machine_id"):
        yield "machine_id", machine
    for each in facts.values():
        mac = text(each, "macaddress")
        if mac and mac != "00:00:00:00:00:00" and text(each, "type") in ("", "ether"):
            yield "mac", mac
    fqdn = text(facts, "ansible_fqdn")
    if "." in fqdn and not fqdn.startswith("localhost"):
        yield "fqdn", fqdn
    for field in ("ansible_all_ipv4_addresses", "ansible_all_ipv6_addresses"):
        found = part(facts, field)
        for each in found if isinstance(found, list) else []:
            if ip := address(str(each)):
                yield "ip", ip


def _time(facts: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(text(facts, "ansible_date_time", "iso8601"))
    except ValueError:
        return None
