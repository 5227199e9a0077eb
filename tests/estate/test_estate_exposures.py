"""Weak libraries of the estate: found, given a day, judged and mended; one record at every door."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from towpath.estate import carrying
from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.actions.exposures import assess, hold_against_advisories
from towpath.estate.advisories.keeping import rewriting
from towpath.estate.advisories.marks import Exploited
from towpath.estate.models import Assessment, Exposure, Item
from towpath.estate.queries.blast import blast
from towpath.estate.queries.exposures import exposures
from towpath.estate.rules.ruling import read_rules, shipped_text
from towpath.estate.schemas.carrying import Carrying
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR, Actor
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home, home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_home: Home, tmp_path: Path) -> Path:
    """An application `shop` and the advisories of two libraries."""
    (tmp_path / "items.csv").write_text("kind,name,owner\napplication,shop,web\napplication,till,web\n")
    assert run(["estate", "import", str(tmp_path / "items.csv"), "--source", "cmdb"]) == 0
    folder = tmp_path / "mirror"
    folder.mkdir()
    for named, name, word in (("A-1", "left", "HIGH"), ("A-2", "right", "LOW")):
        events = [{"introduced": "0"}, {"fixed": "2.0.0"}]
        affected = {
            "package": {"ecosystem": "npm", "name": name},
            "ranges": [{"type": "SEMVER", "events": events}],
        }
        told = {
            "id": named,
            "modified": "2026",
            "affected": [affected],
            "database_specific": {"severity": word},
        }
        (folder / f"{named}.json").write_text(json.dumps(told))
    bring_in_advisories(OPERATOR, folder)
    return tmp_path


def give(folder: Path, *parts: str, holder: str = "shop", **more: Any) -> int:
    """An SBOM of an application that names these ("left@1.0.0")."""
    listed = []
    for part in parts:
        name, _at, version = part.partition("@")
        listed.append({"bom-ref": name, "name": name, "version": version, "purl": f"pkg:npm/{part}"})
    path = folder / f"{holder}.json"
    told = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": listed, **more}
    path.write_text(json.dumps(told))
    return run(["sbom", "import", str(path), "--for", f"application:{holder}"])


def states() -> dict[str, tuple[str, bool]]:
    return {each.advisory: (each.status, each.overdue) for each in exposures(OPERATOR).exposures}


def test_an_sbom_makes_libraries_that_are_held_against_advisories_and_carry_upward(shop: Path) -> None:
    assert give(shop, "left@1.0.0", "right@2.0.0") == 0
    found = exposures(OPERATOR)
    assert (found.libraries, found.open, found.late) == (2, 1, 0)
    (only,) = found.exposures
    assert (only.advisory, only.library, only.severity) == ("A-1", "left", "high")
    assert only.carrier_name == "shop"
    assert only.deadline == timezone.localdate() + timedelta(days=30)
    assert [each.name for each in blast(OPERATOR, f"#{only.item}").fallen] == ["shop"]


def test_a_mended_library_ends_its_exposure_and_nothing_is_removed(shop: Path) -> None:
    give(shop, "left@1.0.0")
    give(shop, "left@2.0.0")
    assert states() == {}
    assert Exposure.objects.get().gone_since is not None
    give(shop, "left@1.0.0")
    assert Exposure.objects.get().gone_since is None, "it is back, and since when it was first known stays"


def test_what_one_application_drops_it_holds_no_more_though_another_still_does(shop: Path) -> None:
    give(shop, "left@1.0.0")
    give(shop, "left@1.0.0", holder="till")
    assert {each.carrier_name for each in exposures(OPERATOR).exposures} == {"shop", "till"}
    give(shop, "left@2.0.0")
    assert {each.carrier_name for each in exposures(OPERATOR).exposures} == {"till"}
    weak = Exposure.objects.get(gone_since=None).item_id
    assert [each.name for each in blast(OPERATOR, f"#{weak}").fallen] == ["till"]


def test_what_is_said_of_one_holder_settles_nothing_for_another(shop: Path) -> None:
    give(shop, "left@1.0.0")
    give(shop, "left@1.0.0", holder="till")
    assess(OPERATOR, Exposure.objects.get(carrier__name="shop").pk, "not_affected", "shop never calls it")
    told = {each.carrier_name: each.status for each in exposures(OPERATOR).exposures}
    assert told == {"shop": "not_affected", "till": "open"}


def test_what_a_bill_says_of_itself_is_an_assessment_that_it_signs(shop: Path) -> None:
    analysis = {"state": "not_affected", "justification": "code_not_reachable"}
    said = [{"id": "A-1", "analysis": analysis, "affects": [{"ref": "left"}]}]
    for _time in range(2):
        give(shop, "left@1.0.0", vulnerabilities=said)
    (only,) = exposures(OPERATOR).exposures
    assert only.status == "not_affected"
    assert [(each.made_by, each.because) for each in only.assessments] == [
        ("VEX: shop.json", "code_not_reachable")
    ]


def test_a_version_that_the_package_url_leaves_out_is_taken_from_the_bill(shop: Path) -> None:
    part = {"name": "left", "version": "1.0.0", "purl": "pkg:npm/left"}
    give(shop, components=[part])
    assert [each.advisory for each in exposures(OPERATOR).exposures] == ["A-1"]


def test_each_analyser_signs_and_the_latest_word_counts_until_its_day(shop: Path) -> None:
    give(shop, "left@1.0.0")
    number = Exposure.objects.get().pk
    assess(OPERATOR, number, "in_triage")
    day = timezone.localdate() + timedelta(days=5)
    made = assess(OPERATOR, number, "accepted", "behind a proxy", day)
    assert states()["A-1"] == ("accepted", False)
    Assessment.objects.filter(pk=made.pk).update(until=timezone.localdate() - timedelta(days=1))
    assert states()["A-1"] == ("open", False), "what was accepted is open again after its day"
    assert [said.status for said in exposures(OPERATOR).exposures[0].assessments] == ["in_triage", "accepted"]
    with pytest.raises(TypeError, match="signed"):
        made.delete()
    assert AuditEntry.objects.filter(verb="exposure.assessed").count() == 2


def test_deadlines_count_as_promises(shop: Path) -> None:
    give(shop, "left@1.0.0", "right@1.0.0")
    Exposure.objects.update(first_seen=timezone.now() - timedelta(days=40))
    assert states() == {"A-1": ("open", True), "A-2": ("open", False)}
    found = exposures(OPERATOR)
    assert (found.late, found.due, found.in_time) == (1, 1, 0.0)
    assess(OPERATOR, Exposure.objects.get(advisory="A-1").pk, "not_affected", "never called")
    assert exposures(OPERATOR).late == 0
    assert exposures(OPERATOR).in_time == 0.0, "it was settled, but after its day"


@pytest.mark.parametrize(
    ("status", "because", "days"),
    [
        ("accepted", "why", None),
        ("accepted", "why", -1),
        ("accepted", "", 5),
        ("not_affected", " ", None),
        ("gone", "why", None),
    ],
)
def test_a_word_without_its_reason_or_day_is_refused(
    shop: Path, status: str, because: str, days: int | None
) -> None:
    give(shop, "left@1.0.0")
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    with pytest.raises(ValidationError):
        assess(OPERATOR, Exposure.objects.get().pk, status, because, until)
    assert not Assessment.objects.exists()


def test_nobody_judges_without_the_right(shop: Path) -> None:
    give(shop, "left@1.0.0")
    with pytest.raises(PermissionDenied):
        assess(ANONYMOUS, Exposure.objects.get().pk, "open")
    with pytest.raises(PermissionDenied):
        hold_against_advisories(ANONYMOUS)


def test_command_api_and_page_show_the_same(
    shop: Path,
    capsys: Printed,
    key_client: Callable[..., Client],
    client_of: Callable[[Person], Client],
    administrator: Person,
) -> None:
    give(shop, "left@1.0.0")
    capsys.readouterr()
    assert run(["estate", "exposures", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    api = key_client(["estate:read", "estate:write"])
    assert api.get("/api/estate/exposures").json() == printed
    number = printed["exposures"][0]["id"]

    def say(**body: Any) -> Any:
        return api.post(f"/api/estate/exposures/{number}/assessments", body, content_type="application/json")

    assert say(status="accepted").status_code == 422
    assert say(status="in_triage").json()["status"] == "in_triage"
    client = client_of(administrator)
    assert b"A-1" in client.get("/estate/software/").content
    page = client.get(f"/estate/software/{number}/").content.decode()
    assert "in triage" in page
    assert f'href="/estate/{Item.objects.get(name="shop").pk}/"' in page
    assert client.post(f"/estate/software/{number}/assess/", {"status": "accepted"}).status_code == 422
    told = {"status": "not_affected", "because": "<b>never</b>"}
    assert client.post(f"/estate/software/{number}/assess/", told).status_code == 302
    assert "<b>never" not in client.get(f"/estate/software/{number}/").content.decode()
    assert run(["estate", "assess", str(number), "open"]) == 0
    assert client.get("/estate/software/999999/").status_code == 404


def test_a_bill_for_nothing_and_a_part_without_package_url_are_told(shop: Path, capsys: Printed) -> None:
    (shop / "bom.json").write_text(
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}'
    )
    assert run(["sbom", "import", str(shop / "bom.json"), "--for", "nothing"]) == 2
    assert run(["sbom", "import", str(shop / "bom.json"), "--for", "shop"]) == 1
    assert "no package URL" in capsys.readouterr().err


def test_an_advisory_with_a_vector_alone_is_scored_and_its_severity_gives_the_day(
    shop: Path, client_of: Callable[[Person], Client], administrator: Person
) -> None:
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    affected = {"package": {"ecosystem": "npm", "name": "third"}, "versions": ["1.0.0"]}
    affected["severity"] = [{"type": "CVSS_V3", "score": vector}]  # type: ignore[assignment]
    told = {"id": "A-3", "modified": "2026", "affected": [affected]}
    (shop / "mirror" / "A-3.json").write_text(json.dumps(told))
    bring_in_advisories(OPERATOR, shop / "mirror")
    give(shop, "third@1.0.0")
    (only,) = exposures(OPERATOR).exposures
    assert (only.severity, only.score, only.vectors[0].vector) == ("critical", 9.8, vector)
    assert only.deadline == timezone.localdate() + timedelta(days=7)
    page = client_of(administrator).get(f"/estate/software/{only.id}/").content.decode()
    assert vector in page
    assert "9.8" in page


def meeting(monkeypatch: pytest.MonkeyPatch, **customers: int) -> None:
    """So many customers a week meet the items of these names, and nobody any other."""

    def carried(_actor: Actor, names: Collection[str]) -> Carrying:
        return Carrying(timezone.now(), sum(customers.get(name, 0) for name in names), ())

    monkeypatch.setattr(carrying, "_carriers", [carried])


def exploit(day: date, due: date) -> None:
    with rewriting(home().root) as file:
        file.put_exploited([Exploited("A-1", day, due, False, day)])
        file.note("kev", str(day))


def reasons(holder: str) -> list[tuple[str, int | None]]:
    found = exposures(OPERATOR).exposures
    (only,) = [each for each in found if each.carrier_name == holder]
    assert only.deadline == min(each.by for each in only.reasons)
    return [(each.reason, each.days) for each in only.reasons]


def test_what_customers_meet_is_to_be_mended_sooner_and_the_page_says_why(
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    client_of: Callable[[Person], Client],
    administrator: Person,
) -> None:
    meeting(monkeypatch, shop=120)
    give(shop, "left@1.0.0")
    give(shop, "left@1.0.0", holder="till")
    assert reasons("shop") == [("carries", 14), ("severity", 30)]
    assert reasons("till") == [("severity", 30)], "nobody meets it"
    number = Exposure.objects.get(carrier__name="shop").pk
    page = client_of(administrator).get(f"/estate/software/{number}/").content.decode()
    assert "14 days, because customers meet what holds it" in page
    meeting(monkeypatch)
    hold_against_advisories(OPERATOR)
    assert reasons("shop") == [("severity", 30)]


def test_the_day_that_cisa_names_counts_where_it_is_earlier(
    shop: Path, client_of: Callable[[Person], Client], administrator: Person
) -> None:
    give(shop, "left@1.0.0")
    today = timezone.localdate()
    exploit(today, today + timedelta(days=40))
    assert reasons("shop") == [("severity", 30), ("exploited", None)]
    exploit(today, today + timedelta(days=5))
    assert reasons("shop") == [("exploited", None), ("severity", 30)]
    exploit(today - timedelta(days=3), today - timedelta(days=1))
    (only,) = exposures(OPERATOR).exposures
    assert (only.deadline, only.promise, only.overdue) == (today - timedelta(days=1), "missed", True)
    page = client_of(administrator).get(f"/estate/software/{only.id}/").content.decode()
    assert "CISA asks for it by that day" in page


def test_promises_are_met_missed_or_open(shop: Path) -> None:
    give(shop, "left@1.0.0", "right@1.0.0")
    give(shop, "left@1.0.0", holder="till")
    assess(OPERATOR, Exposure.objects.get(carrier__name="till").pk, "not_affected", "never called")
    Exposure.objects.filter(carrier__name="shop").update(first_seen=timezone.now() - timedelta(days=40))
    found = exposures(OPERATOR)
    assert (found.met, found.missed, found.running) == (1, 1, 1)
    assess(OPERATOR, Exposure.objects.get(carrier__name="till").pk, "open")
    assert exposures(OPERATOR).met == 0, "what is said to be open again is not met any more"


@pytest.mark.parametrize(
    "line",
    [
        "mend_carrying_from: 0",
        "mend_carrying_within_days: {critical: -1}",
        "mend_carrying_within_days: {grave: 3}",
        "mend_within_days: {low: 4000}",
    ],
)
def test_days_that_make_no_sense_are_refused_with_their_place(line: str) -> None:
    field = line.partition(":")[0]
    text = "\n".join(row for row in shipped_text().splitlines() if not row.startswith(field))
    with pytest.raises(DocumentError, match=r"own\.yaml, line \d+"):
        read_rules(f"{text}\n{line}\n", "own.yaml")
