"""Command, API and page show the same catalogue, and say what is wrong with what they are given."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from towpath.catalogue.models import Agreement, Service
from towpath.catalogue.pages.importing import EXAMPLE
from towpath.events.envelope import EVENT_SCHEMA, subject, subject_key
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home, home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
KeyClient = Callable[..., Client]
ClientOf = Callable[[Person], Client]
Printed = pytest.CaptureFixture[str]
UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
MORE = """\
services:
  - {name: billing, title: Bills, for: colleagues, purpose: Bills are made., owner: Billing,
     needs: [card-payments]}
"""


@pytest.fixture
def declared(tmp_home: Home, tmp_path: Path, capsys: Printed) -> Path:
    """A folder with the page's own example and a service that needs it."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "payments.yaml").write_text(EXAMPLE)
    (folder / "billing.yml").write_text(MORE)
    assert run(["catalogue", "import", str(folder)]) == 0
    capsys.readouterr()
    return folder


def printed(capsys: Printed, *command: str) -> Any:
    assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def put_in(rows: Sequence[dict[str, Any]]) -> None:
    staging = Staging(home().staging, "attempts")
    staging.append(pa.RecordBatch.from_pylist(list(rows), schema=EVENT_SCHEMA))
    staging.checkpoint({"rows": len(rows)})
    lake().absorb(staging)


def attempts(count: int, faults: int, *, days: float, slow: int = 0, **more: Any) -> list[dict[str, Any]]:
    """So many days before the end: the first `faults` fail, the first `slow` take five seconds."""
    rows = []
    for place in range(count):
        row: dict[str, Any] = dict.fromkeys(EVENT_SCHEMA.names)
        at = UNTIL - timedelta(days=days, seconds=place)
        row |= {"source": "shop", "id": f"{days}-{place}", "seq": place, "time": at, "received": at}
        row |= {"type": "paid", "identifier": f"account:{place % 50}", "service": "card-payments"}
        row |= {
            "outcome": "fault" if place < faults else "ok",
            "latency_ms": 5_000.0 if place < slow else 300.0,
        }
        row |= more
        row["key"] = subject_key(subject(row["identifier"], None, row["source"], row["service"]))
        rows.append(row)
    return rows


def test_a_dry_run_shows_the_change_field_by_field_and_changes_nothing(
    declared: Path, capsys: Printed
) -> None:
    before = AuditEntry.objects.count()
    (declared / "billing.yml").write_text(MORE.replace("owner: Billing", "owner: Finance"))
    diff = printed(capsys, "catalogue", "import", str(declared), "--dry-run")
    assert diff["changes"] == [
        {
            "noun": "service",
            "name": "billing",
            "change": "changed",
            "fields": [{"field": "owner", "before": "Billing", "after": "Finance"}],
        }
    ]
    assert (diff["applied"], AuditEntry.objects.count()) == (False, before)
    assert Service.objects.get(name="billing").owner == "Billing"
    assert run(["catalogue", "import", str(declared)]) == 0
    assert "owner: Billing → Finance" in capsys.readouterr().out
    assert Service.objects.get(name="billing").owner == "Finance"
    entry = AuditEntry.objects.get(verb="catalogue.service_changed")
    assert (entry.before or {})["owner"] == "Billing"


def test_what_a_complete_declaration_leaves_out_is_gone_and_comes_back(
    declared: Path, capsys: Printed
) -> None:
    one = str(declared / "billing.yml")
    (declared / "billing.yml").write_text(MORE.replace(",\n     needs: [card-payments]", ""))
    assert [each["change"] for each in printed(capsys, "catalogue", "import", one)["changes"]] == ["changed"]
    gone = printed(capsys, "catalogue", "import", one, "--complete")["changes"]
    assert [(each["name"], each["change"]) for each in gone] == [
        ("card-payments", "gone"),
        ("Paying works", "gone"),
    ]
    assert [each["name"] for each in printed(capsys, "catalogue", "list")["services"]] == ["billing"]
    assert printed(capsys, "catalogue", "show", "card-payments")["service"]["gone_since"]
    back = printed(capsys, "catalogue", "import", str(declared / "payments.yaml"))["changes"]
    assert {each["change"] for each in back} == {"back"}
    assert Agreement.objects.get().gone_since is None


def test_what_is_exported_changes_nothing_when_it_is_imported(declared: Path, capsys: Printed) -> None:
    assert run(["catalogue", "export"]) == 0
    text = capsys.readouterr().out
    (declared / "all.yaml").write_text(text)
    diff = printed(capsys, "catalogue", "import", str(declared / "all.yaml"), "--complete")
    assert (diff["changes"], diff["services"], diff["agreements"]) == ([], 2, 1)


def test_a_service_shows_the_same_record_at_every_door(
    declared: Path, capsys: Printed, key_client: KeyClient, client_of: ClientOf, agent: Person
) -> None:
    put_in([*attempts(400, 4, days=1, slow=40), *attempts(400, 2, days=8)])
    shown = printed(capsys, "catalogue", "show", "card-payments")
    client = key_client(["catalogue:read", "estate:read", "journeys:read"])
    assert client.get("/api/catalogue/services/card-payments").json() == shown
    assert client.get("/api/catalogue/services").json() == printed(capsys, "catalogue", "list")
    health = shown["service"]["health"]
    assert (health["attempts"], health["faults"], health["customers_a_week"]) == (400, 4, 50)
    assert (health["faults_per_thousand"], health["faults_per_thousand_before"]) == (10.0, 5.0)
    assert [each["name"] for each in shown["needed_by"]] == ["billing"]
    page = client_of(agent).get("/catalogue/services/card-payments/").content.decode()
    assert "Payments team" in page
    assert "99.5 %" in page
    assert "/catalogue/services/billing/" in page


def test_a_promise_is_judged_only_where_the_interval_lies_on_one_side(
    declared: Path, capsys: Printed
) -> None:
    put_in(attempts(400, 4, days=1, slow=60))
    promises = {
        each["measure"]: each for each in printed(capsys, "catalogue", "show", "card-payments")["promises"]
    }
    assert promises["availability"]["measured"] == 99.0
    assert promises["availability"]["verdict"] == "cannot_tell", "4 of 400 does not exclude 0.5 %"
    assert promises["latency"]["verdict"] == "missed", "15 % took longer than two seconds"
    assert printed(capsys, "catalogue", "list")["services"][1]["health"]["word"] == "missed"
    put_in(attempts(4_000, 0, days=2))
    shown = printed(capsys, "catalogue", "show", "card-payments")["promises"]
    assert {each["measure"]: each["verdict"] for each in shown} == {"availability": "kept", "latency": "kept"}


def test_nothing_measured_is_no_good_news(
    declared: Path, capsys: Printed, client_of: ClientOf, agent: Person
) -> None:
    shown = printed(capsys, "catalogue", "show", "card-payments")
    assert shown["service"]["health"]["word"] == "unknown"
    assert {each["verdict"] for each in shown["promises"]} == {"not_measurable"}
    assert all(each["connect"] for each in shown["promises"])
    page = client_of(agent).get("/catalogue/").content.decode()
    assert "cannot tell yet" in page
    assert "0 of 2 kept" not in page, "nothing measured is no promise broken either"
    put_in(attempts(5, 0, days=1))
    assert printed(capsys, "catalogue", "show", "card-payments")["service"]["health"]["word"] == "little"


def test_deployments_and_tickets_are_no_attempts_but_changes_are_shown(
    declared: Path, capsys: Printed
) -> None:
    put_in(attempts(40, 0, days=1))
    put_in(attempts(3, 3, days=2, change="C-1", version="2.0", identifier=None))
    put_in(attempts(3, 3, days=3, ticket="T-1", team="Front"))
    shown = printed(capsys, "catalogue", "show", "card-payments")
    assert (shown["service"]["health"]["attempts"], shown["service"]["health"]["faults"]) == (40, 0)
    assert [(each["change"], each["version"]) for each in shown["changes"]] == [("C-1", "2.0")]
    assert shown["teams"] == ["Front"]


def test_more_faults_than_the_week_before_are_said(declared: Path, capsys: Printed) -> None:
    put_in([*attempts(400, 40, days=1, service="billing"), *attempts(400, 2, days=8, service="billing")])
    (row,) = printed(capsys, "catalogue", "list", "--search", "made")["services"]
    assert row["health"]["word"] == "worse"


def test_the_estate_beneath_is_shown_to_those_who_may_see_it(
    declared: Path, tmp_path: Path, capsys: Printed, key_client: KeyClient
) -> None:
    (tmp_path / "items.csv").write_text("kind,name\napplication,card-payments\nhost,db1\n")
    (tmp_path / "links.csv").write_text("kind,from,to\nruns_on,card-payments,db1\n")
    for name in ("items", "links"):
        assert run(["estate", "import", str(tmp_path / f"{name}.csv"), "--source", "cmdb"]) == 0
    text = EXAMPLE.replace("    hours:", "    items: [host:db1, host:lost]\n    hours:")
    (declared / "payments.yaml").write_text(text)
    assert run(["catalogue", "import", str(declared)]) == 0
    capsys.readouterr()
    risks = printed(capsys, "catalogue", "show", "card-payments")["risks"]
    assert {each["name"] for each in risks["items"]} == {"card-payments", "db1"}
    assert (risks["unknown"], risks["beneath"]) == (["host:lost"], 2)
    assert printed(capsys, "catalogue", "show", "billing")["risks"]["items"] == []
    without = key_client(["catalogue:read"]).get("/api/catalogue/services/card-payments").json()
    assert (without["risks"], without["carried"]) == (None, None)


WRONG = [
    ("for: customers", "for: everybody", "for: everybody", "everybody"),
    ("owner: Payments team", "owner: ' '", "owner: ' '", "it is empty"),
    ("name: card-payments", "name: Card Payments", "name: Card Payments", "small letters"),
    ("title: Card", "titel: Card", "titel: Card", "titel"),
    ("a_month: 4200", "a_month: -1", "a_month: -1", "from 0"),
    ("a_month: 4200", "a_month: .nan", "a_month: .nan", "number"),
    ("currency: EUR", "currency: euro", "currency: euro", "three capital letters"),
    ("service: card-payments", "service: card-payment", "service: card-pay", "did you mean card-payments"),
    ("value: 99.5", "value: 101", "value: 101", "up to 100"),
    ("unit: s,", "unit: fortnights,", "unit: fortnights", "ms or s"),
    ("days: 28}\n      -", "days: 0}\n      -", "days: 0", "1 to 366"),
    ("hours:", "documents: [{title: a, url: 'javascript:alert(1)'}]\n    hours:", "url:", "https://"),
    ("hours:", "needs: [card-payments]\n    hours:", "card-payments]", "cannot need itself"),
    ("services:", "services: &a", "&a", "Anchors"),
    ("agreements:", "---\nagreements:", "---", "second document"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[2])
def test_wrong_yaml_says_line_column_and_what_is_expected(
    tmp_home: Home, tmp_path: Path, capsys: Printed, wrong: tuple[str, str, str, str]
) -> None:
    old, new, at, said = wrong
    text = EXAMPLE.replace(old, new, 1)
    assert text != EXAMPLE
    above = text[: text.index(at)].split("\n")
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    assert run(["catalogue", "import", str(file)]) == 2
    told = capsys.readouterr().err
    assert f"line {len(above)}, column {len(above[-1]) + 1}:" in told
    assert said in told
    assert not Service.objects.exists(), "all of it or nothing"


def test_a_name_that_two_files_declare_is_refused_with_both(declared: Path, capsys: Printed) -> None:
    (declared / "again.yaml").write_text(MORE)
    assert run(["catalogue", "import", str(declared)]) == 2
    told = capsys.readouterr().err
    assert "billing.yml, line 2" in told
    assert "again.yaml" in told


def test_what_cannot_be_read_is_said(tmp_home: Home, tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["catalogue", "import", str(tmp_path / "empty")]) == 2
    assert "no .yaml" in capsys.readouterr().err
    (tmp_path / "latin.yaml").write_bytes("services: [é]".encode("latin-1"))
    assert run(["catalogue", "import", str(tmp_path / "latin.yaml")]) == 2
    assert "UTF-8" in capsys.readouterr().err
    assert run(["catalogue", "show", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_the_api_takes_a_declaration_and_says_what_is_wrong(tmp_home: Home, key_client: KeyClient) -> None:
    client = key_client(["catalogue:read", "catalogue:write"])
    address = "/api/catalogue/declaration"

    def send(body: bytes, asked: str = "", by: Client = client) -> Any:
        return by.post(address + asked, body, content_type="application/yaml")

    tried = send(EXAMPLE.encode(), "?dry_run=true")
    assert (tried.status_code, tried.json()["applied"], Service.objects.count()) == (200, False, 0)
    assert send(EXAMPLE.encode()).json()["applied"] is True
    assert client.get(address).content.decode().startswith("services:")
    assert "line 1" in send(b"services: 7").json()["detail"]
    assert send(b"\xff\xfe").status_code == 422
    assert send(b"#" * (9 << 20)).status_code == 413
    assert send(EXAMPLE.encode(), by=key_client(["catalogue:read"])).status_code == 403
    assert send(EXAMPLE.encode(), by=Client()).status_code == 401
    assert client.get("/api/catalogue/services/nothing").status_code == 404
    assert client.get("/api/catalogue/services?audience=aliens").status_code == 422


def test_the_page_shows_what_would_change_and_loses_nothing_that_was_typed(
    tmp_home: Home, client_of: ClientOf, service_manager: Person
) -> None:
    client = client_of(service_manager)
    assert "card-payments" in client.get("/catalogue/import/").content.decode()
    look = client.post("/catalogue/import/", {"text": EXAMPLE, "do": "look"})
    assert "What would change" in look.content.decode()
    assert not Service.objects.exists()
    wrong = client.post("/catalogue/import/", {"text": EXAMPLE.replace("99.5", "995"), "do": "apply"})
    assert wrong.status_code == 422
    assert "line 18" in wrong.content.decode()
    assert "value: 995" in wrong.content.decode()
    assert client.post("/catalogue/import/", {"text": EXAMPLE, "do": "apply"}).status_code == 302
    assert Service.objects.get().owner == "Payments team"
    assert "Card payments" in client.get("/catalogue/", {"q": "card"}).content.decode()
    assert "Nothing is like that" in client.get("/catalogue/", {"q": "zebra"}).content.decode()


def test_staff_read_service_managers_write_and_customers_see_nothing(
    declared: Path, client_of: ClientOf, agent: Person, customer_person: Person
) -> None:
    assert client_of(agent).get("/catalogue/").status_code == 200
    assert client_of(agent).get("/catalogue/export/").content.decode().startswith("services:")
    refused = client_of(agent).post("/catalogue/import/", {"text": MORE, "do": "apply"})
    assert refused.status_code == 403
    for address in ("/catalogue/", "/catalogue/services/billing/", "/catalogue/export/"):
        assert client_of(customer_person).get(address).status_code in {302, 403, 404}
        assert Client().get(address).status_code == 302


def test_what_it_is_called_is_escaped(tmp_home: Home, client_of: ClientOf, service_manager: Person) -> None:
    client = client_of(service_manager)
    text = EXAMPLE.replace("title: Card payments", "title: <script>alert(1)</script>")
    assert client.post("/catalogue/import/", {"text": text, "do": "apply"}).status_code == 302
    for address in ("/catalogue/", "/catalogue/services/card-payments/"):
        assert "<script>alert" not in client.get(address).content.decode()
