"""Command, API and page show the same estate, and say what is wrong with what they are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from towpath.estate.models import Discovery, Item
from towpath.estate.pages.discoveries import ITEMS, LINKS
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
KeyClient = Callable[..., Client]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_home: Home, tmp_path: Path) -> Path:
    """The page's own example: an application that needs one of two databases."""
    (tmp_path / "items.csv").write_text(ITEMS)
    (tmp_path / "links.csv").write_text(LINKS)
    return tmp_path


@pytest.fixture
def known(folder: Path, capsys: Printed) -> Path:
    assert run(["estate", "import", str(folder / "items.csv"), "--source", "cmdb"]) == 0
    assert run(["estate", "import", str(folder / "links.csv"), "--source", "cmdb"]) == 0
    capsys.readouterr()
    return folder


def printed(capsys: Printed, *command: str) -> Any:
    assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_blast_shows_the_same_record_at_every_door(
    known: Path, capsys: Printed, key_client: KeyClient
) -> None:
    one = printed(capsys, "estate", "blast", "db1")
    assert (one["falls"], [each["name"] for each in one["weakened"]]) == (0, ["billing"])
    assert (one["weakened"][0]["members"], one["weakened"][0]["left"]) == (2, 1)
    top = printed(capsys, "estate", "blast", "application:billing")
    assert (top["needs"], top["single_points"]) == (2, [])
    share = 1 - (1 - 0.0005) * (1 - 0.001**2)
    assert top["unavailable"]["estimate"] == pytest.approx(share)
    client = key_client(["estate:read"])
    assert client.get("/api/estate/items/db1/blast").json() == one
    assert client.get("/api/estate/items/application:billing/blast").json() == top


def test_trust_shows_the_same_record_at_every_door(
    known: Path, capsys: Printed, key_client: KeyClient, client_of: Callable[[Person], Client], agent: Person
) -> None:
    found = printed(capsys, "estate", "trust")
    assert (found["items"], found["owned"], found["connected"], found["confirmed"]) == (3, 3, 3, 0)
    assert found["share"] == 0
    answered = key_client(["estate:read"]).get("/api/estate/trust").json()
    assert {**answered, "as_of": ""} == {**found, "as_of": ""}
    page = client_of(agent).get("/estate/trust/").content.decode()
    assert "cmdb" in client_of(agent).get("/estate/discoveries/").content.decode()
    assert "Host" in page


def test_pages_lead_from_the_list_to_an_item_its_graph_and_back(
    known: Path, client_of: Callable[[Person], Client], agent: Person
) -> None:
    client = client_of(agent)
    number = Item.objects.get(name="billing").pk
    assert f"/estate/{number}/" in client.get("/estate/", {"q": "bill"}).content.decode()
    shown = client.get(f"/estate/{number}/").content.decode()
    assert "db1" in shown
    assert f"/estate/{number}/graph/" in shown
    graph = client.get(f"/estate/{number}/graph/").content.decode()
    assert "<svg" in graph
    assert "<table" in graph, "the picture has its twin in words"
    assert client.get("/estate/999999/").status_code == 404
    assert client.get("/estate/", {"after": "x"}).status_code < 500


def test_what_it_is_called_is_escaped(
    folder: Path, client_of: Callable[[Person], Client], agent: Person, capsys: Printed
) -> None:
    (folder / "items.csv").write_text("kind,name,owner\napplication,<script>alert(1)</script>,<b>me</b>\n")
    assert run(["estate", "import", str(folder / "items.csv"), "--source", "cmdb"]) == 0
    number = Item.objects.get().pk
    for address in ("/estate/", f"/estate/{number}/", f"/estate/{number}/graph/"):
        text = client_of(agent).get(address).content.decode()
        assert "<script>alert" not in text
        assert "<b>me" not in text


def test_a_file_on_the_page_is_taken_in_or_refused_with_the_place(
    tmp_home: Home, client_of: Callable[[Person], Client], administrator: Person, agent: Person
) -> None:
    def give(text: str, person: Person) -> Any:
        file = SimpleUploadedFile("list.csv", text.encode())
        return client_of(person).post("/estate/import/", {"file": file, "source": "cmdb"})

    assert give(ITEMS, administrator).status_code == 302
    assert Discovery.objects.get().new == 3
    wrong = give("name,colour\nx,red\n", administrator)
    assert wrong.status_code == 422
    assert "line 1" in wrong.content.decode()
    assert give(ITEMS, agent).status_code in {302, 403}


def test_the_api_takes_reports_and_says_what_is_wrong(tmp_home: Home, key_client: KeyClient) -> None:
    client = key_client(["estate:read", "estate:write"])

    def send(body: bytes, **asked: str) -> Any:
        address = "/api/estate/reports?" + "&".join(f"{name}={value}" for name, value in asked.items())
        return client.post(address, body, content_type="application/octet-stream")

    taken = send(ITEMS.encode(), source="cmdb")
    assert (taken.status_code, taken.json()["new"]) == (201, 3)
    assert send(b"", source="cmdb").status_code == 422
    assert "line 1" in send(b"a,b\n1,2\n", source="cmdb").json()["detail"]
    assert send(b"<nmaprun>", source="cmdb").status_code == 422
    assert send(ITEMS.encode(), source="cmdb", form="teapot").status_code == 422
    assert send(ITEMS.encode(), source="Our CMDB").status_code == 422
    assert (
        key_client(["estate:read"])
        .post("/api/estate/reports?source=x", b"x", content_type="text/csv")
        .status_code
        == 403
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("kind,kind,name\n", "stands twice"),
        ("name,colour\n", "neither"),
        ('kind,name\nhost,"db1\n', "no CSV"),
        ("kind,name\nhost,d\udcffb1\n", "UTF-8"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_the_place(
    folder: Path, capsys: Printed, text: str, said: str
) -> None:
    (folder / "wrong.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert run(["estate", "import", str(folder / "wrong.csv"), "--source", "cmdb"]) != 0
    assert said in capsys.readouterr().err
    assert not Item.objects.exists()


def test_rows_that_cannot_be_taken_are_told_and_the_others_kept(folder: Path, capsys: Printed) -> None:
    rows = "kind,name,ip\nhost,db1,192.0.2.1\nhost,,192.0.2.2\nhost,db3,192.0.2.3,too,many\n"
    (folder / "half.csv").write_text(rows)
    assert run(["estate", "import", str(folder / "half.csv"), "--source", "cmdb"]) == 1
    told = capsys.readouterr().err
    assert "line 3" in told
    assert "line 4" in told
    assert Item.objects.get().name == "db1"


def test_what_is_not_known_is_said(known: Path, capsys: Printed, key_client: KeyClient) -> None:
    assert run(["estate", "blast", "nothing"]) == 2
    assert "No item is called nothing" in capsys.readouterr().err
    assert key_client(["estate:read"]).get("/api/estate/items/nothing/blast").status_code == 404
