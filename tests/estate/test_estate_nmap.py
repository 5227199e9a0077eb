"""nmap's reports: each published one is read as an independent reader reads it, or refused."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from towpath.estate.sources import reading
from towpath.estate.sources.nmap import read_nmap
from towpath.estate.sources.report import ReportRefused

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "nmap-scans" / "libnmap-test-files.tar.gz"
ATTACKS = {"defused_et_included.xml", "defused_et_local_includer.xml"}
BEGIN = '<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap 192.0.2.0/24" start="1700000000">'


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    if not ARCHIVE.exists():
        pytest.skip("nmap-scans is missing")
    folder = tmp_path_factory.mktemp("nmap")
    with tarfile.open(ARCHIVE) as packed:
        packed.extractall(folder, filter="data")
    return sorted(folder.rglob("*.xml"))


def counted(path: Path) -> tuple[int, int]:
    """Hosts that are up and have an address, and their open ports, by ElementTree."""
    hosts = ports = 0
    for host in ElementTree.parse(path).getroot().iter("host"):  # noqa: S314 (the attacks are left out)
        status = host.find("status")
        opened = [
            port
            for port in host.iter("port")
            if (state := port.find("state")) is not None and state.get("state") == "open"
        ]
        if status is None or status.get("state") != "up":
            continue
        if status.get("reason") == "user-set" and not opened:
            continue
        found = [each.get("addr") for each in host.iter("address") if each.get("addrtype") != "mac"]
        if not any(re.fullmatch(r"[\d.]+|[\da-f:]*:[\da-f:]+", address or "") for address in found):
            continue  # one report has "IP" where an address stood
        hosts += 1
        ports += len({(port.get("protocol"), port.get("portid")) for port in opened})
    return hosts, ports


def test_every_published_report_is_read_as_another_reader_reads_it(reports: list[Path]) -> None:
    assert len(reports) == 26
    for path in reports:
        if path.name in ATTACKS:
            continue
        items = read_nmap(path).items
        ports = sum(field.startswith("port/") for item in items for field in item.facts)
        assert (len(items), ports) == counted(path), path.name


def test_attacks_by_entities_are_refused(reports: list[Path]) -> None:
    for path in reports:
        if path.name in ATTACKS:
            with pytest.raises(ReportRefused, match=rf"{path.name}, line \d"):
                read_nmap(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("<html></html>", "begins with <html>"),
        (f"{BEGIN}<host><status state='up'/>", "line 1: It is no XML"),
        ("<!DOCTYPE nmaprun [<!ENTITY a 'b'>]><nmaprun>&a;</nmaprun>", "can be an attack"),
        ('<!DOCTYPE nmaprun SYSTEM "file:///etc/passwd"><nmaprun/>', "can be an attack"),
        (f"{BEGIN}{'<a>' * 60}", "nested deeper"),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "scan.xml"
    path.write_text(text)
    with pytest.raises(ReportRefused, match=said):
        reading.read_report(path)


def test_a_scan_that_was_stopped_says_so_and_takes_nothing_to_be_gone(tmp_path: Path) -> None:
    path = tmp_path / "scan.xml"
    host = '<host><status state="up" reason="syn-ack"/><address addr="192.0.2.7" addrtype="ipv4"/></host>'
    path.write_text(f"{BEGIN}{host}</nmaprun>")
    report = read_nmap(path)
    assert (len(report.items), report.scopes) == (1, ())
    assert "stopped before its end" in report.doubts[0]
    path.write_text(f'{BEGIN}{host}<runstats><finished time="1700000060"/></runstats></nmaprun>')
    assert read_nmap(path).scopes == ("net:192.0.2.7/32", "net:192.0.2.0/24")
