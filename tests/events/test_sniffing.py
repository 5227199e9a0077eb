from __future__ import annotations

import json
from pathlib import Path

import pytest
from file_reading import LOG, NOW, event, read, real, trace, write, write_gzip, xes

from towpath.events.importers import ImportFailed
from towpath.events.mapping import CLOUDEVENTS, Mapping, Pick, dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.sniffing import Proposal, preview, sniff


def columns(mapping: Mapping) -> dict[str, str | None]:
    """Field to the column (or constant) that is proposed for it."""
    return {name: picks[0].column or picks[0].constant for name, picks in mapping.events.items()}


def sniffed(path: Path) -> Proposal:
    proposal = sniff(path, now=NOW)
    assert load_mapping(dump_mapping(proposal.mapping), "proposed") == proposal.mapping
    return proposal


def table(folder: Path, dates: list[str], name: str = "my Export.csv") -> Path:
    rows = [f"{at % 5};{each};{('open', 'close')[at % 2]};u{at % 3}\n" for at, each in enumerate(dates)]
    return write(folder, "case_id;changed_at;status;user_id\n" + "".join(rows), name)


def test_a_table_is_understood_with_its_delimiter_and_names(tmp_path: Path) -> None:
    proposal = sniffed(table(tmp_path, ["2026-05-01 10:00"] * 10))
    mapping = proposal.mapping
    assert (mapping.source, mapping.format, mapping.csv.delimiter) == ("my-export", "csv", ";")
    assert columns(mapping) == {
        "time": "changed_at", "type": "status", "case": "case_id", "identifier": "user_id",
    }  # fmt: skip
    assert mapping.events["identifier"] == (Pick(column="user_id", prefix="user:"),)
    assert len(proposal.preview.rows) == 10
    assert any("no time zone" in doubt for doubt in proposal.doubts)


@pytest.mark.parametrize(
    ("dates", "form", "doubtful"),
    [
        (["3/4/2026 10:00", "13/4/2026 10:00"], "%d/%m/%Y %H:%M", False),
        (["3/4/2026 10:00", "4/13/2026 10:00"], "%m/%d/%Y %H:%M", False),
        (["3/4/2026 10:00", "4/3/2026 10:00"], "%d/%m/%Y %H:%M", True),
        (["03.04.2026 10:00:07", "31.04.2026 10:00:07", "30.04.2026 10:00:07"] * 20, None, False),
        (["3/4/2026 1:05 PM", "3/24/2026 11:05 AM"], "%m/%d/%Y %I:%M %p", False),
        (["1777629600", "1777629601"], "epoch_s", False),
        (["2026-05-01T10:00:00Z"], "iso", False),
        (["03 May 2026 10:00", "04 Jun 2026 11:00"], "%d %b %Y %H:%M", False),
    ],
)
def test_the_order_of_day_and_month_is_decided_over_the_rows_or_doubted(
    tmp_path: Path, dates: list[str], form: str | None, doubtful: bool
) -> None:
    path = table(tmp_path, dates * 10)
    if form is None:
        guess = sniff(path, now=NOW)
        assert "No column holds times that are understood" in guess.doubts[0]
        assert not guess.preview.rows
        return
    proposal = sniffed(path)
    assert proposal.mapping.times.formats == (form,)
    assert any("day first is assumed" in doubt for doubt in proposal.doubts) == doubtful


@pytest.mark.parametrize(
    ("encoding", "proposed"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, proposed: str) -> None:
    text = "case,time,state\n" + "".join(f"{at % 3},2026-05-0{at + 1},café\n" for at in range(6))
    proposal = sniffed(write(tmp_path, text.encode(encoding)))
    assert proposal.mapping.csv.encoding == proposed
    assert [row["type"] for row in proposal.preview.rows] == ["café"] * 6
    assert any("not UTF-8" in doubt for doubt in proposal.doubts) == (encoding == "cp1252")


def test_outcomes_and_latency_are_proposed_with_their_doubts(tmp_path: Path) -> None:
    rows = [
        f"o{at % 4},2026-05-01T1{at}:00Z,{('pay', 'ship')[at % 2]},{word},{at}\n"
        for at, word in enumerate(["success", "error", "odd"] * 3)
    ]
    proposal = sniffed(write(tmp_path, "order_id,time,event,result,latency_ms\n" + "".join(rows)))
    (outcome,) = proposal.mapping.events["outcome"]
    assert outcome.map == {"error": "fault", "success": "ok"}
    assert proposal.mapping.events["latency_ms"] == (Pick(column="latency_ms", unit="ms"),)
    assert any("no outcome is known for odd" in doubt for doubt in proposal.doubts)


def test_a_log_has_its_standard_keys(tmp_path: Path) -> None:
    more = '<string key="lifecycle:transition" value="complete"/><string key="org:group" value="G"/>'
    text = xes(*(trace(f"c{at}", event("A", more=more), event("B", more=more)) for at in range(5)))
    assert columns(sniffed(write_gzip(tmp_path, text, "log.xes.gz")).mapping) == {
        "time": "time:timestamp", "type": "concept:name", "case": "case:concept:name",
        "outcome": "lifecycle:transition", "team": "org:group",
    }  # fmt: skip


def test_cloudevents_are_known(tmp_path: Path) -> None:
    row = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "2026-05-01T10:00:00Z"}
    assert sniffed(write(tmp_path, json.dumps(row) + "\n", "e.jsonl")).mapping == CLOUDEVENTS


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b'[{"a": 1}]', b"\n\n", b"PAR1"])
def test_what_cannot_be_read_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImportFailed):
        sniff(write(tmp_path, data), now=NOW)


def test_a_file_that_breaks_later_is_proposed_all_the_same(tmp_path: Path) -> None:
    text = xes(*(trace(f"c{at}", event("A"), event("B")) for at in range(5)))
    proposal = sniffed(write(tmp_path, text[:-20], "log.xes"))
    assert columns(proposal.mapping)["type"] == "concept:name"


def test_a_preview_shows_rows_and_what_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, xes(trace("c1", event("A"), event("B", time="soon"), *[event("C")] * 20)))
    shown = preview(path, load_mapping(LOG, "m"), rows=5, now=NOW)
    assert [row["type"] for row in shown.rows] == ["A", "C", "C", "C"]
    assert [each.place for each in shown.refused] == ["trace 1, event 2 (line 5)"]


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        (
            "bpic2012-loans/bpic2012.xes.gz",
            {"time": "time:timestamp", "type": "concept:name", "case": "case:concept:name",
             "outcome": "lifecycle:transition", "value": "case:AMOUNT_REQ"},
        ),
        (
            "bpic2013-volvo/incidents.csv.gz",
            {"time": "time:timestamp", "type": "concept:name", "case": "case:concept:name",
             "team": "org:group", "ticket": "case:concept:name"},
        ),
        (
            "bpic2013-volvo/incidents.xes.gz",
            {"time": "time:timestamp", "type": "concept:name", "case": "case:concept:name",
             "team": "org:group", "ticket": "case:concept:name"},
        ),
        (
            "uci-servicenow-incidents/incident_event_log.csv.gz",
            {"time": "sys_updated_at", "type": "incident_state", "case": "number", "identifier": "caller_id",
             "channel": "contact_type", "component": "cmdb_ci", "team": "assignment_group", "change": "rfc",
             "ticket": "number"},
        ),
        (
            "github-status-incidents/incidents.jsonl.gz",
            {"time": "started_at", "type": "incidents", "case": "id"},
        ),
    ],
)  # fmt: skip
def test_real_files_are_understood(name: str, proposed: dict[str, str]) -> None:
    proposal = sniffed(real(name))
    assert columns(proposal.mapping) == proposed
    assert len(proposal.preview.rows) == 10
    assert proposal.preview.refused == []


def test_the_real_service_desk_writes_days_first_and_marks_what_is_missing() -> None:
    mapping = sniffed(real("uci-servicenow-incidents/incident_event_log.csv.gz")).mapping
    assert mapping.times.formats == ("%d/%m/%Y %H:%M",)
    assert mapping.missing == ("?", "")


def test_the_proposal_for_a_real_log_reads_all_of_it() -> None:
    path = real("bpic2013-volvo/closed_problems.csv.gz")
    found = read(path, sniffed(path).mapping)
    assert (len(found.events), found.refused, found.failure) == (6_660, [], None)


def people(folder: Path, header: str, rows: list[str]) -> Path:
    return write(
        folder,
        "case_id;at;status;"
        + header
        + "\n"
        + "".join(
            f"{at % 5};2026-05-01 10:0{at % 10};{('open', 'close')[at % 2]};{row}\n"
            for at, row in enumerate(rows)
        ),
        "people.csv",
    )


def test_mail_and_phone_beside_the_customer_are_further_identifiers(tmp_path: Path) -> None:
    rows = [f"{at % 3};a{at % 3}@example.org;+31 20 123 45{at % 3}0" for at in range(20)]
    proposal = sniffed(people(tmp_path, "account_id;Email;phone_number", rows))
    assert proposal.mapping.events["identifier"] == (Pick(column="account_id", prefix="account:"),)
    assert proposal.mapping.events["identifiers"] == (
        Pick(column="Email", prefix="mail:"),
        Pick(column="phone_number", prefix="phone:"),
    )
    first = proposal.preview.rows[0]
    assert first["identifiers"] == '["mail:a0@example.org","phone:+31 20 123 4500"]'


def test_a_lone_mail_column_is_the_customer_and_no_further_one(tmp_path: Path) -> None:
    proposal = sniffed(people(tmp_path, "email", [f"a{at % 3}@example.org" for at in range(20)]))
    assert proposal.mapping.events["identifier"] == (Pick(column="email", prefix="mail:"),)
    assert "identifiers" not in proposal.mapping.events


def test_a_column_called_phone_that_holds_names_is_none(tmp_path: Path) -> None:
    rows = [f"{at % 3};{('iPhone', 'Pixel')[at % 2]}" for at in range(20)]
    assert "identifiers" not in sniffed(people(tmp_path, "account_id;phone", rows)).mapping.events
