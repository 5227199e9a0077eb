"""A live look at loopback; nothing is sent to what nobody authorised."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from django.utils import timezone

from towpath.estate.actions import scanning
from towpath.estate.actions.scanning import authorise, scan, withdraw
from towpath.estate.jobs import scan_due_ranges, scan_range
from towpath.estate.models import Change, Fact, Item, ScanRange
from towpath.estate.queries.ranges import ranges
from towpath.estate.rules.ranges import networks_in, outside, ports_in
from towpath.estate.sources import scanning as source
from towpath.estate.sources.scanning import ScanFailed
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def servers(tmp_home: Home) -> Iterator[list[socket.socket]]:
    """Three servers on loopback that accept connections."""
    if shutil.which("nmap") is None:
        pytest.skip("nmap is not installed")
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _number in range(3)]


@pytest.fixture
def sent(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been scanned, had anybody been asked to."""
    asked: list[Any] = []
    monkeypatch.setattr(scanning, "look_at", lambda *given: asked.append(given))
    return asked


def ports_of(found: list[socket.socket]) -> list[int]:
    return [each.getsockname()[1] for each in found]


def open_ports() -> set[int]:
    fields = Fact.objects.filter(until=None, field__startswith="port/tcp/").values_list("field", flat=True)
    return {int(field.rpartition("/")[2]) for field in fields}


def test_three_servers_are_found_and_a_stopped_one_is_noticed(servers: list[socket.socket]) -> None:
    numbers = ports_of(servers)
    authorise(OPERATOR, "here", "127.0.0.1", ports=",".join(map(str, numbers)), because="a test")
    first = scan(OPERATOR, "here")
    assert (first.new, Item.objects.count()) == (1, 1)
    assert open_ports() == set(numbers)
    servers[1].close()
    second = scan(OPERATOR, "here")
    assert second.changed == 1
    assert open_ports() == {numbers[0], numbers[2]}
    change = Change.objects.get(discovery=second)
    assert (change.field, change.after) == (f"port/tcp/{numbers[1]}", "")
    shown = ranges(OPERATOR)[0]
    assert (shown.problem, shown.discovery) == ("", second.pk)


@pytest.mark.parametrize("only", ["192.0.2.1", "127.0.0.0/24", "127.0.0.1 192.0.2.1", "::1"])
def test_what_lies_outside_is_refused_before_a_packet_is_sent(sent: list[Any], only: str) -> None:
    authorise(OPERATOR, "here", "127.0.0.0/30")
    with pytest.raises(ValidationError, match="nothing was sent"):
        scan(OPERATOR, "here", only)
    assert sent == []


def test_what_nobody_authorised_is_not_scanned(sent: list[Any], key_client: Callable[..., Client]) -> None:
    with pytest.raises(Http404):
        scan(OPERATOR, "elsewhere")
    authorise(OPERATOR, "here", "127.0.0.1")
    withdraw(OPERATOR, "here")
    with pytest.raises(Http404):
        scan(OPERATOR, "here")
    client = key_client(["estate:read", "estate:write"])
    assert client.post("/api/estate/ranges/here/scans").status_code == 404
    assert run(["estate", "scan", "here"]) == 2
    assert sent == []


def test_nobody_authorises_without_the_right(sent: list[Any], key_client: Callable[..., Client]) -> None:
    with pytest.raises(PermissionDenied):
        authorise(ANONYMOUS, "here", "127.0.0.1")
    body = {"name": "here", "networks": ["127.0.0.1"]}
    writer = key_client(["estate:read", "estate:write"])
    assert writer.post("/api/estate/ranges", body, content_type="application/json").status_code == 403
    administrator = key_client(["estate:read", "estate:authorise"])
    made = administrator.post("/api/estate/ranges", body, content_type="application/json")
    assert [each["networks"] for each in made.json()] == [["127.0.0.1/32"]]
    again = administrator.post("/api/estate/ranges", body, content_type="application/json")
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)
    assert administrator.delete("/api/estate/ranges/here").json() == []
    told = set(AuditEntry.objects.values_list("verb", flat=True))
    assert told >= {"estate.range_authorised", "estate.range_withdrawn"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Our Office"}, "small letters"),
        ({"networks": "192.0.2.5/24"}, "is no network"),
        ({"networks": "example.org"}, "is no network"),
        ({"networks": "--script=all"}, "is no network"),
        ({"networks": " "}, "one network or more"),
        ({"networks": "10.0.0.0/8"}, "smaller ranges"),
        ({"ports": "22,0"}, "is no port"),
        ({"ports": "-oN/etc/passwd"}, "is no port"),
        ({"every_s": 5}, "every five minutes"),
    ],
)
def test_a_range_that_is_none_is_refused_with_what_to_do(
    sent: list[Any], given: dict[str, Any], said: str
) -> None:
    wanted = {"name": "here", "networks": "127.0.0.1", **given}
    with pytest.raises(ValidationError, match=said):
        authorise(OPERATOR, wanted.pop("name"), wanted.pop("networks"), **wanted)
    assert not ScanRange.objects.exists()


def test_networks_within_networks() -> None:
    allowed = networks_in("192.0.2.0/25, 2001:db8::/120")
    inside, beyond = networks_in("192.0.2.64/26 2001:db8::7"), networks_in("192.0.2.0/24")
    assert outside(inside, allowed) == []
    assert outside(beyond, allowed) == [ip_network("192.0.2.0/24")]
    assert ports_in("22, 8000-8100") == "22,8000-8100"


def test_a_scan_that_fails_says_why_and_keeps_what_was_known(
    tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorise(OPERATOR, "here", "127.0.0.1", ports="1")
    monkeypatch.setattr(source.shutil, "which", lambda _name: None)
    with pytest.raises(ScanFailed, match="apt-get install nmap"):
        scan(OPERATOR, "here")
    assert "apt-get" in ranges(OPERATOR)[0].problem
    assert scan_range.func("here") == 0
    monkeypatch.setattr(source.shutil, "which", lambda _name: "/bin/false")
    with pytest.raises(ScanFailed, match="ended with an error"):
        scan(OPERATOR, "here")


def test_what_is_due_is_scanned_by_a_worker_once(tmp_home: Home) -> None:
    authorise(OPERATOR, "often", "127.0.0.1", every_s=3_600)
    authorise(OPERATOR, "byhand", "127.0.0.1")
    assert (scan_due_ranges.func(), scan_due_ranges.func()) == (1, 0)
    ScanRange.objects.update(scanned_at=timezone.now())
    assert scan_due_ranges.func() == 0


def test_the_page_authorises_scans_and_withdraws(
    sent: list[Any], client_of: Callable[[Person], Client], administrator: Person, agent: Person
) -> None:
    client = client_of(administrator)
    assert b"No network may be scanned yet" in client.get("/estate/ranges/").content
    given = {"name": "here", "networks": "127.0.0.1", "ports": "", "every_s": "0", "because": "<b>me</b>"}
    wrong = client.post("/estate/ranges/add/", {**given, "networks": "all"})
    assert (wrong.status_code, b"is no network" in wrong.content) == (422, True)
    assert client.post("/estate/ranges/add/", given).status_code == 302
    page = client.get("/estate/ranges/").content.decode()
    assert "127.0.0.1/32" in page
    assert "<b>me" not in page
    assert client.post("/estate/ranges/here/scan/").status_code == 302
    assert client.post("/estate/ranges/elsewhere/scan/").status_code == 404
    assert client_of(agent).post("/estate/ranges/here/scan/").status_code == 403
    assert client.post("/estate/ranges/here/withdraw/").status_code == 302
    assert ranges(OPERATOR) == []


def test_the_command_lists_what_may_be_scanned(tmp_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["estate", "range", "add", "here", "127.0.0.1", "--ports", "22", "--because", "ours"]) == 0
    assert run(["estate", "range", "list", "--json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)
    assert (only["name"], only["networks"], only["ports"]) == ("here", ["127.0.0.1/32"], "22")
    assert run(["estate", "range", "list"]) == 0
    assert "127.0.0.1/32" in capsys.readouterr().out
    assert run(["estate", "range", "remove", "here"]) == 0
