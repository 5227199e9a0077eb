"""What the estate sees speaks on home: weak spots, measured or as risks; a sound estate is quiet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from findings import detected
from made_weeks import UNTIL, Row, Weeks, fill

from towpath.estate.actions.advisories import bring_in_advisories
from towpath.estate.actions.exposures import assess
from towpath.estate.models import EstateRulesVersion, Exposure, Item
from towpath.estate.rules.ruling import read_rules, shipped_text
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home, home
from towpath.foundation.people.models import Person
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.measures.estates.joining import with_estate
from towpath.improvement.models import Finding
from towpath.improvement.queries.estates import troubles_of_estate, week_of
from towpath.improvement.queries.findings import records, standing
from towpath.improvement.queries.looks import state
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Detected
from towpath.site.cli import run
from towpath.visibility.queries.home import home as home_shown

pytestmark = pytest.mark.django_db
NOW = UNTIL + timedelta(hours=3)
ClientOf = Callable[[Person], Client]
DB, SAN = "estate/single_point/host=db-old", "estate/single_point/storage=san"
LIBRARY, UNMANAGED = "estate/exposure/library=left in ledger", "estate/unmanaged"
ITEMS = """\
kind,name,owner,ip,unavailability
component,ledger,till,,
component,front,web,,
host,db-old,,10.0.0.1,
host,web-1,web,10.0.0.2,
host,web-2,web,10.0.0.3,
storage,san,platform,10.0.0.9,0.05
"""
SOUND = """\
kind,from,to,group,needed
runs_on,component:ledger,host:web-1,m,1
runs_on,component:ledger,host:web-2,m,1
"""
LINKS = """\
kind,from,to,group,needed
runs_on,component:ledger,host:db-old,,
runs_on,component:front,host:web-1,m,1
runs_on,component:front,host:web-2,m,1
depends_on,component:ledger,storage:san,,
depends_on,component:front,storage:san,,
"""
SCAN = """\
<?xml version="1.0"?><nmaprun scanner="nmap" start="1700000000"><host><status state="up"/>
<address addr="10.9.9.9" addrtype="ipv4"/>
<ports><port protocol="tcp" portid="9100"><state state="open"/></port></ports>
</host><runstats><finished time="1700000100"/></runstats></nmaprun>
"""


def with_components(row: Row, _draw: np.random.Generator) -> Row:
    """Paying asks the ledger, everything else the front."""
    return row | {"component": "ledger" if row["type"] == "pay" else "front"}


def take(folder: Path, name: str, text: str, source: str = "cmdb") -> None:
    (folder / name).write_text(text)
    assert run(["estate", "import", str(folder / name), "--source", source]) == 0


def expose(folder: Path) -> None:
    """A library of the ledger is weak, and the day by which to mend it was yesterday."""
    told = {
        "id": "A-1",
        "modified": "2026",
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": "left"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
            }
        ],
        "database_specific": {"severity": "CRITICAL"},
    }
    mirror = folder / "mirror"
    mirror.mkdir()
    (mirror / "A-1.json").write_text(json.dumps(told))
    bring_in_advisories(OPERATOR, mirror)
    part = {"bom-ref": "left", "name": "left", "version": "1.0.0", "purl": "pkg:npm/left@1.0.0"}
    bill = folder / "bill.json"
    bill.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [part]}))
    assert run(["sbom", "import", str(bill), "--for", "component:ledger"]) == 0
    Exposure.objects.update(first_seen=timezone.now() - timedelta(days=8))


@pytest.fixture
def weak(tmp_home: Home, tmp_path: Path) -> list[Row]:
    """A shop whose ledger runs on one old machine, whose storage is one, with a library that is late and a
    printer that nobody knows."""
    rows = fill(Weeks(seed=4, visits_a_day=25, plant=with_components))
    take(tmp_path, "items.csv", ITEMS)
    take(tmp_path, "links.csv", LINKS)
    take(tmp_path, "scan.xml", SCAN, "scan")
    expose(tmp_path)
    return rows


@pytest.fixture
def looked(weak: list[Row]) -> dict[str, Detected]:
    refresh(NOW)
    return {shown.key: shown.found for shown in standing(OPERATOR)}


def who(rows: list[Row], component: str = "") -> int:
    """Plain counting over the last seven days."""
    last = max(row["time"] for row in rows)
    return len(
        {
            row["key"]
            for row in rows
            if row["time"] > last - timedelta(days=7) and component in {"", row["component"]}
        }
    )


def test_each_weak_spot_is_one_finding_with_who_hangs_on_it(
    weak: list[Row], looked: dict[str, Detected]
) -> None:
    assert {DB, SAN, LIBRARY, UNMANAGED} == {key for key in looked if key.startswith("estate/")}
    of = {key: found.estate for key, found in looked.items()}
    told = {key: (each.customers, each.of) for key, each in of.items() if each is not None}
    assert told[DB] == told[LIBRARY] == (who(weak, "ledger"), who(weak))
    assert told[SAN] == (who(weak), who(weak))
    assert told[UNMANAGED] == (0, who(weak))


def test_days_are_told_where_the_share_of_time_was_measured_and_nowhere_else(
    weak: list[Row], looked: dict[str, Detected]
) -> None:
    san = looked[SAN]
    assert san.ruined_days.value == pytest.approx(0.05 * who(weak))
    assert san.ruined_days.low < san.ruined_days.value < san.ruined_days.high
    assert san.score == san.ruined_days.value
    assert not san.is_risk
    for key in (DB, LIBRARY, UNMANAGED):
        assert looked[key].is_risk
        assert looked[key].score == 0
    by_key = {record.key: record for record in records(OPERATOR)}
    assert by_key[DB].ruined_days_per_week is None
    assert by_key[DB].beyond is None
    assert by_key[SAN].ruined_days_per_week == san.ruined_days.value


def test_a_sound_estate_says_nothing(tmp_home: Home, tmp_path: Path) -> None:
    fill(Weeks(seed=4, visits_a_day=25, plant=with_components))
    take(tmp_path, "items.csv", ITEMS)
    take(tmp_path, "links.csv", SOUND)
    assert refresh(NOW).seen == 0


def test_how_many_may_hang_on_one_thing_is_data(weak: list[Row]) -> None:
    (home().root / "harm.yaml").write_text("tolerated: {hanging: 1.0}\nleast_customers: 100000\n", "utf-8")
    keys = {each.key.text for each in troubles_of_estate(lake().snapshot())}
    assert keys == {LIBRARY, UNMANAGED}


def test_which_kinds_ought_to_have_a_stand_in_is_data(weak: list[Row]) -> None:
    text = shipped_text().replace("stand_alone: [host, storage,", "stand_alone: [storage,")
    EstateRulesVersion.objects.create(number=1, body=text, created_by="me")
    keys = {each.key.text for each in troubles_of_estate(lake().snapshot())}
    assert DB not in keys
    assert SAN in keys
    with pytest.raises(DocumentError, match="'storages' is no kind"):
        read_rules(text.replace("stand_alone: [storage,", "stand_alone: [storages,"), "estate.yaml")


@pytest.mark.parametrize("share", ["0.0002", "0.5"])
def test_what_was_measured_and_holds_is_quiet(weak: list[Row], tmp_path: Path, share: str) -> None:
    take(tmp_path, "again.csv", f"kind,name,unavailability\nhost,db-old,{share}\n", "probe")
    found = {each.key.text: each for each in troubles_of_estate(lake().snapshot())}
    assert (DB in found) == (share == "0.5")


def test_what_somebody_settled_is_told_no_more(weak: list[Row]) -> None:
    before = state(NOW)
    until = timezone.localdate() + timedelta(days=10)
    assess(OPERATOR, Exposure.objects.get().pk, status="accepted", because="no way in", until=until)
    assert state(NOW) != before
    refresh(NOW)
    assert LIBRARY not in {shown.key for shown in standing(OPERATOR)}


def test_another_estate_is_looked_at_again(weak: list[Row], tmp_path: Path) -> None:
    before = state(NOW)
    assert state(NOW) == before
    take(tmp_path, "more.csv", "kind,name,owner\nhost,web-3,web\n", "list")
    assert state(NOW) != before


def test_the_same_weak_spot_keeps_its_row(looked: dict[str, Detected]) -> None:
    assert refresh(NOW).new == 0


def test_a_fault_at_the_only_component_on_it_is_one_finding_with_it(weak: list[Row]) -> None:
    root = detected("component=ledger", Family.FAULT)
    found = with_estate([root], troubles_of_estate(lake().snapshot()))
    (one,) = [each for each in found if each.journey]
    assert one.kinds == ("fault", "single_point")
    assert one.ruined_days == root.ruined_days
    assert [(each.kind, each.name) for each in one.together][1:] == [("item", "db-old"), ("exposure", "left")]
    assert one.estate is not None
    assert one.estate.things[0].name == "db-old"
    assert not one.is_risk
    others = {each.culprit: each for each in found if not each.journey}
    assert set(others) == {"storage=san", "library=left in ledger", ""}
    assert [each.name for each in others["library=left in ledger"].together] == ["ledger"]


def test_a_fault_elsewhere_is_another_trouble(weak: list[Row]) -> None:
    root = detected("component=somewhere", Family.FAULT)
    found = with_estate([root], troubles_of_estate(lake().snapshot()))
    assert found[0] == root
    assert len(found) == 5


def test_home_and_their_pages_lead_to_the_evidence(
    looked: dict[str, Detected], service_manager: Person, client_of: ClientOf
) -> None:
    client = client_of(service_manager)
    start = client.get("/").content.decode()
    assert "hang on “db-old” alone" in start
    assert "On the network and managed by nobody: 1" in start
    shown = {one.sentence: one for one in home_shown(OPERATOR).findings}
    assert any(one.risk and one.carries for one in shown.values())
    pages = {key: client.get(f"/findings/{Finding.objects.get(key=key).digest}/") for key in looked}
    text = {key: page.content.decode() for key, page in pages.items()}
    assert f'/estate/{Item.objects.get(name="db-old").pk}/"' in text[DB]
    assert "/journeys/order/#step-pay" in text[DB]
    assert "not known" in text[DB]
    assert "5.000" in text[SAN]
    assert f"/estate/software/{Exposure.objects.get().pk}/" in text[LIBRARY]
    assert "A-1" in text[LIBRARY]
    assert "10.9.9.9" in text[UNMANAGED]
    assert "hang on “db-old” alone" in client.get("/findings/").content.decode()


def test_the_page_is_for_those_who_may_see_findings(
    looked: dict[str, Detected], person_with: Callable[..., Person], client_of: ClientOf
) -> None:
    digest = Finding.objects.get(key=DB).digest
    assert client_of(person_with()).get(f"/findings/{digest}/").status_code == 403


def test_command_and_api_tell_the_same(
    looked: dict[str, Detected],
    service_manager: Person,
    client_of: ClientOf,
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert run(["findings", "--json"]) == 0
    told: list[dict[str, Any]] = msgspec.json.decode(capsys.readouterr().out)
    assert {each["key"] for each in told} == set(looked)
    assert client_of(service_manager).get("/api/findings").json() == told
    assert run(["findings"]) == 0
    assert "a risk: how often is not known" in capsys.readouterr().out


def test_no_gain_is_made_up_for_a_risk_that_somebody_takes_on(
    looked: dict[str, Detected], service_manager: Person, client_of: ClientOf
) -> None:
    client, row = client_of(service_manager), Finding.objects.get(key=DB)
    page = client.get(f"/findings/{row.digest}/").content.decode()
    assert re.search(r'name="expected_gain"(?![^>]*value=)', page)
    assert (
        run(["finding", "accept", row.digest, "--owner", "me", "--due", "2030-01-01", "--next-step", "buy"])
        == 0
    )
    row.refresh_from_db()
    assert (row.state, row.expected_gain) == ("accepted", None)


def test_without_events_only_what_needs_none_is_told(tmp_home: Home, tmp_path: Path) -> None:
    take(tmp_path, "items.csv", ITEMS)
    take(tmp_path, "scan.xml", SCAN, "scan")
    assert week_of(lake().snapshot()) is None
    (only,) = troubles_of_estate(lake().snapshot())
    assert only.family is Family.UNMANAGED
    assert only.evidence.customers is None
