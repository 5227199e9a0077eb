"""nmap's XML: hosts that answered, their addresses, names, open ports and what they seem to be.

expat rather than lxml: it tells of a DOCTYPE before it reads what that declares, so no entity is ever
expanded.
"""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from xml.parsers import expat

import msgspec

from towpath.estate.sources.report import Report, ReportRefused, SeenItem

MOST_BYTES = 1 << 30
DEEPEST = 40
SURE = 85
"""Percent: below that nmap's guess of what a machine is tells nothing."""
_DEVICES = frozenset(
    {"router", "switch", "firewall", "wap", "broadband router", "load balancer", "bridge", "hub"}
)
_AGAIN = "Have nmap write it again, with -oX."


class Host(msgspec.Struct):
    """A host while it is read. `ports`: (protocol/number, what answers there), open ones."""

    begin: int = 0
    state: str = ""
    reason: str = ""
    addresses: list[tuple[str, str]] = []
    vendor: str = ""
    names: list[str] = []
    ports: dict[str, str] = {}
    guess: str = ""
    accuracy: int = 0
    device: str = ""
    serial: str = ""


class Run(msgspec.Struct):
    """The whole report while it is read. `finished`: 0 where nmap was stopped before its end. `asked`: ports
    that were looked at, by protocol, each from and to."""

    args: str = ""
    start: int = 0
    finished: int = 0
    asked: dict[str, tuple[tuple[int, int], ...]] = {}
    hosts: list[Host] = []
    doubts: list[str] = []


def read_nmap(path: Path, site: str = "") -> Report:
    """The report in the file. `site`: told beside each address where several places use the same ones.

    Raises ReportRefused: no XML of nmap, entities (an attack), too large, cut off in the middle.
    """
    reading = _Reading(path.name)
    parser = reading.parser
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReportRefused(path.name, "It holds more than 1 GB.", "Scan network by network.")
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        what = f"It is no XML ({expat.ErrorString(error.code)})."
        raise ReportRefused(path.name, what, _AGAIN, error.lineno) from error
    except OSError as error:
        what = f"It cannot be opened ({error.strerror})."
        raise ReportRefused(path.name, what, "Check its name and who may read it.") from error
    return report_of(reading.run, site)


def report_of(run: Run, site: str = "") -> Report:
    """What the run saw. Hosts that nmap only takes for up because it was told to (-Pn) and that show no open
    port were not seen."""
    seen = [host for host in run.hosts if host.state == "up" and (host.reason != "user-set" or host.ports)]
    at = run.finished or run.start or max((host.begin for host in run.hosts), default=0)
    items = [item for number, host in enumerate(seen) if (item := _item(number, host, site)) is not None]
    doubts = list(run.doubts)
    if not run.finished:
        doubts.append("nmap was stopped before its end: nothing is taken to be gone.")
    if left := len(seen) - len(items):
        doubts.append(f"{left} hosts without an address were left out.")
    return Report(
        form="nmap",
        at=datetime.fromtimestamp(at, UTC),
        items=tuple(items),
        scopes=_scopes(run) if run.finished else (),
        doubts=tuple(doubts),
        asked=run.asked,
    )


def _scopes(run: Run) -> tuple[str, ...]:
    """The networks that the command line names, and each address that was told of."""
    found = dict.fromkeys(
        f"net:{ip_network(address)}"
        for host in run.hosts
        for kind, address in host.addresses
        if kind != "mac"
    )
    try:
        words = shlex.split(run.args)[1:]
    except ValueError:
        words = run.args.split()[1:]
    for word in words:
        try:
            found[f"net:{ip_network(word, strict=False)}"] = None
        except ValueError:
            continue
    return tuple(found)


def _item(number: int, host: Host, site: str) -> SeenItem | None:
    addresses = [address for kind, address in host.addresses if kind in {"ipv4", "ipv6"}]
    if not addresses:
        return None
    keys = [("mac", address) for kind, address in host.addresses if kind == "mac"]
    keys += [("serial", host.serial)] if host.serial else []
    keys += [("fqdn", name) for name in host.names if "." in name]
    keys += [("ip", _placed(address, site)) for address in addresses]
    name = host.names[0] if host.names else addresses[0]
    facts = {"address": ", ".join(addresses), **{f"port/{port}": what for port, what in host.ports.items()}}
    facts |= {"vendor": host.vendor} if host.vendor else {}
    facts |= {"os_guess": host.guess} if host.accuracy >= SURE else {}
    return SeenItem(
        ref=str(number),
        kind=_kind(host),
        name=name,
        keys=tuple(keys),
        facts=facts,
        place=f"ip:{addresses[0]}",
    )


def _kind(host: Host) -> str:
    if host.accuracy < SURE:
        return "host"
    if host.device.lower() in _DEVICES:
        return "network_device"
    return "storage" if host.device.lower() == "storage-misc" else "host"


def _placed(address: str, site: str) -> str:
    """A loopback address is this site's alone, never a machine's own in the whole estate."""
    if not site and ip_address(address).is_loopback:
        return f"{address}@here"
    return f"{address}@{site}" if site else address


class _Reading:
    """Collects hosts as expat walks."""

    def __init__(self, file: str) -> None:
        self.file, self.run, self.depth = file, Run(), 0
        self.host: Host | None = None
        self.port = ""
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def refuse(self, what: str, remedy: str = _AGAIN) -> ReportRefused:
        return ReportRefused(self.file, what, remedy, self.parser.CurrentLineNumber)

    def doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if name != "nmaprun" or system or public or internal:
            raise self.refuse("Its DOCTYPE declares things, which nmap's never does: this can be an attack.")

    def entity(self, *_: object) -> None:
        raise self.refuse("It declares entities: this can be an attack.")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1 and name != "nmaprun":
            raise self.refuse(f"It begins with <{name}>, not with <nmaprun>: it is no report of nmap.")
        if self.depth > DEEPEST:
            raise self.refuse(f"It is nested deeper than {DEEPEST} levels.")
        handler = getattr(self, f"on_{name}", None)
        if handler is not None:
            handler(attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "host" and self.host is not None:
            self.run.hosts.append(self.host)
            self.host = None

    def on_nmaprun(self, attributes: dict[str, str]) -> None:
        self.run.args, self.run.start = attributes.get("args", ""), _whole(attributes.get("start"))

    def on_scaninfo(self, attributes: dict[str, str]) -> None:
        ports = [each.partition("-")[::2] for each in attributes.get("services", "").split(",") if each]
        spans = tuple((_whole(low), _whole(high or low)) for low, high in ports)
        protocol = attributes.get("protocol", "tcp")
        self.run.asked[protocol] = (*self.run.asked.get(protocol, ()), *spans)

    def on_finished(self, attributes: dict[str, str]) -> None:
        self.run.finished = _whole(attributes.get("time"))

    def on_host(self, attributes: dict[str, str]) -> None:
        self.host = Host(begin=_whole(attributes.get("starttime")))

    def on_status(self, attributes: dict[str, str]) -> None:
        if self.host is not None:
            self.host.state, self.host.reason = attributes.get("state", ""), attributes.get("reason", "")

    def on_address(self, attributes: dict[str, str]) -> None:
        if self.host is None:
            return
        kind, address = attributes.get("addrtype", "ipv4"), attributes.get("addr", "")
        try:
            self.host.addresses.append((kind, address if kind == "mac" else str(ip_address(address))))
        except ValueError:
            told = f"line {self.parser.CurrentLineNumber:,}: {address[:60]!r} is no address"
            self.run.doubts.append(told)
        self.host.vendor = attributes.get("vendor", self.host.vendor)

    def on_hostname(self, attributes: dict[str, str]) -> None:
        if self.host is not None and (name := attributes.get("name", "").strip()[:300]):
            self.host.names.append(name)

    def on_port(self, attributes: dict[str, str]) -> None:
        self.port = f"{attributes.get('protocol', 'tcp')}/{attributes.get('portid', '')}"[:40]

    def on_state(self, attributes: dict[str, str]) -> None:
        if self.host is not None and attributes.get("state") == "open":
            self.host.ports[self.port] = "open"

    def on_service(self, attributes: dict[str, str]) -> None:
        if self.host is None or self.port not in self.host.ports:
            return
        told = [attributes.get(name, "") for name in ("name", "product", "version")]
        self.host.ports[self.port] = " ".join(filter(None, told))[:500] or "open"

    def on_osmatch(self, attributes: dict[str, str]) -> None:
        accuracy = _whole(attributes.get("accuracy"))
        if self.host is not None and accuracy > self.host.accuracy:
            self.host.guess, self.host.accuracy = attributes.get("name", "")[:300], accuracy
            self.host.device = ""

    def on_osclass(self, attributes: dict[str, str]) -> None:
        if self.host is not None and not self.host.device:
            self.host.device = attributes.get("type", "")


def _whole(text: str | None) -> int:
    """A number that stands there; 0 where none does. Times beyond the year 9999 are none."""
    return min(int(text), 253_402_300_799) if text and text.isascii() and text.isdigit() else 0
