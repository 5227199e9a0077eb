"""Jira: issues with changelog become snapshots of tickets."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from desk_exports import document, events, group, imported, issue, written

from towpath.desk.importers.jira import issue_rows
from towpath.desk.importers.records import NotATicket
from towpath.desk.models import Desk
from towpath.desk.rules.reading_text import read_reading, write_reading
from towpath.events.importers import ImportFailed, open_importer
from towpath.events.mapping import dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.sniffing import sniff
from towpath.foundation.operations.home import Home
from towpath.site.cli import run


def test_each_movement_is_a_snapshot_with_values_carried_forward() -> None:
    rows = list(issue_rows(issue()))
    seen = [(row["time"], row["state"], row.get("team"), row.get("agent")) for row in rows]
    assert seen == [
        ("2026-01-05T08:00:00Z", "Open", "1st level", None),
        ("2026-01-05T08:00:05Z", "Open", "1st level", None),
        ("2026-01-05T08:10:00Z", "Open", "1st level", "Ola Lind"),
        ("2026-01-05T08:30:00Z", "Open", "1st level", "Ola Lind"),
        ("2026-01-05T09:00:00Z", "Open", "1st level", "Ola Lind"),
        ("2026-01-05T09:00:10Z", "Waiting for customer", "2nd level", "Ola Lind"),
        ("2026-01-05T10:00:00Z", "Waiting for customer", "2nd level", "Ola Lind"),
        ("2026-01-05T10:00:10Z", "In Progress", "2nd level", "Ola Lind"),
        ("2026-01-06T11:00:00Z", "Resolved", "2nd level", "Ola Lind"),
    ]
    assert [row["seq"] for row in rows] == list(range(9))


def test_a_first_reply_is_a_persons_and_can_be_seen_by_the_customer() -> None:
    rows = list(issue_rows(issue()))
    assert [row.get("first_reply") for row in rows] == [None] * 8 + ["2026-01-05T09:00:00Z"]
    assert [row["by"] for row in rows if "by" in row] == ["machine", "agent", "agent", "customer"]


def test_documents_become_words_and_texts_of_version_2_stay() -> None:
    first = next(issue_rows(issue()))
    assert first["text"] == "Dear Ola,\nmy account is locked."
    second = next(issue_rows(issue(description="h3. It broke\nagain")))
    assert second["text"] == "h3. It broke\nagain"


def test_what_jira_says_beside_is_kept() -> None:
    *_, first = issue_rows(issue())
    assert first["caller"] == "anna.berg@kund.example"
    assert (first["category"], first["component"], first["made_sla"]) == ("Password", "sso", False)
    assert first["link"] == "https://acme.example/browse/IT-1"
    assert first["kind"] == "[System] Incident"


def test_a_changelog_that_is_cut_says_so() -> None:
    cut = issue()
    cut["changelog"]["total"] = 40
    assert list(issue_rows(cut))[-1]["history_cut"] is True
    assert not any("history_cut" in row for row in issue_rows(issue()))


def test_what_is_no_issue_is_refused_with_a_reason() -> None:
    with pytest.raises(NotATicket, match="no key"):
        list(issue_rows({"fields": {}}))


def test_a_field_that_changed_to_nothing_is_nothing_from_then_on() -> None:
    one = issue()
    one["changelog"]["histories"].append(
        group(9, "2026-01-07T12:00:00.000+0100", ("assignee", "Ola Lind", None))
    )
    one["changelog"]["total"] = 5
    assert "agent" not in list(issue_rows(one))[-1]


def test_a_search_answer_is_recognised_and_a_mapping_with_its_desk_proposed(tmp_path: Path) -> None:
    path = written(tmp_path / "acme-jira.json", {"startAt": 0, "total": 1, "issues": [issue()]})
    proposal = sniff(path)
    mapping = proposal.mapping
    assert (mapping.source, mapping.format) == ("acme-jira", "jira")
    assert mapping.sections["mask"] == "true"
    desk = mapping.sections["desk"]
    assert isinstance(desk, dict)
    assert desk["kind"] == {
        "column": "data.kind", "map": {"[System] Incident": "incident"}, "otherwise": "incident",
    }  # fmt: skip
    assert (desk["topic"], desk["link"]) == ("data.category", "data.link")
    assert load_mapping(dump_mapping(mapping), "mapping.yaml") == mapping
    assert any("support tier" in doubt for doubt in proposal.doubts)
    assert len(proposal.preview.rows) == 9


@pytest.mark.parametrize("form", ["lines", "array", "pages"])
def test_pages_arrays_and_lines_are_read_alike(tmp_path: Path, form: str) -> None:
    first, second = issue("IT-1"), issue("IT-2")
    texts = {
        "lines": f"{json.dumps(first)}\n{json.dumps(second)}\n",
        "array": json.dumps([first, second], indent=1),
        "pages": json.dumps({"issues": [first], "total": 2})
        + "\n"
        + json.dumps({"total": 2, "issues": [second]}),
    }
    path = tmp_path / "jira.json"
    path.write_text(texts[form], encoding="utf-8")
    mapping = sniff(path).mapping
    read = list(open_importer(path, mapping))
    assert sum(chunk.batch.num_rows for chunk in read) == 18
    assert [chunk.refused for chunk in read] == [[]]


def test_an_export_cut_in_the_middle_keeps_what_came_whole(tmp_path: Path) -> None:
    whole = json.dumps({"issues": [issue(f"IT-{number}") for number in range(50)]})
    path = tmp_path / "jira.json"
    path.write_text(whole[: len(whole) // 2], encoding="utf-8")
    mapping = sniff(path).mapping
    chunks = open_importer(path, mapping)
    assert next(chunks).batch.num_rows == 25 * 9
    with pytest.raises(ImportFailed, match="cut off"):
        next(chunks)


@pytest.mark.django_db
def test_an_import_makes_the_desk_and_the_same_file_again_changes_nothing(
    tmp_home: Home, tmp_path: Path
) -> None:
    path = written(tmp_path / "jira.json", {"issues": [issue("IT-1"), issue("IT-2")]})
    assert imported(path).written == 18
    assert Desk.objects.get().source == "jira"
    again = imported(path)
    assert (again.written, again.already_there) == (0, 18)
    assert {row["ticket"] for row in events()} == {"IT-1", "IT-2"}
    assert all(row["case"] == row["ticket"] for row in events())


@pytest.mark.django_db
def test_records_that_are_no_issues_lie_in_quarantine_and_the_others_come_in(
    tmp_home: Home, tmp_path: Path
) -> None:
    listed = [issue("IT-1"), {"key": "IT-2"}, 7, issue("IT-3", description=document("x"))]
    done = imported(written(tmp_path / "jira.json", {"issues": listed}))
    assert (done.written, done.refused) == (18, 2)
    reasons = sorted(record.reason for record in done.quarantined.all())
    assert reasons[0].startswith("this is no issue")
    assert reasons[1].startswith("this is no ticket")


@pytest.mark.django_db
def test_what_came_in_masked_is_what_the_desk_counts(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(written(tmp_path / "jira.json", {"issues": [issue("IT-1"), issue("IT-2")]}))
    desk = Desk.objects.get()
    tiers = "tiers: {patterns: {1st*: 1, 2nd*: 2}}\n"
    kept = read_reading(desk.reading, "reading")
    desk.reading = write_reading(msgspec.structs.replace(kept, tiers=read_reading(tiers, "x").tiers))
    desk.save()
    capsys.readouterr()
    assert run(["desk", "flow", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["tickets"], found["escalated"], found["reassigned"], found["sla_missed"]) == (2, 2, 2, 2)
    assert [(tier["tier"], tier["started"], tier["resolved"]) for tier in found["tiers"]] == [
        (1, 2, 0),
        (2, 0, 2),
    ]
