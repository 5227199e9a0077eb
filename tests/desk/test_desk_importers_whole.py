"""Importing again: a history that only went on, a correction, a withdrawn movement, a file that broke off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from desk_exports import events, group, imported, issue, written

from towpath.desk.importers.jira import issue_rows
from towpath.events import actions
from towpath.events.ingest import run_import
from towpath.events.mapping import dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.sniffing import sniff
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home

pytestmark = pytest.mark.django_db


def gone_on(one: dict[str, Any]) -> dict[str, Any]:
    """The same issue a day later: reopened, and told to have kept its promise in the end."""
    one["changelog"]["histories"].insert(
        0, group(7, "2026-01-08T09:00:00.000+0100", ("status", "Resolved", "Open"))
    )
    one["changelog"]["total"] += 1
    return one


def put(folder: Path, *issues: dict[str, Any]) -> Path:
    return written(folder / "jira.json", {"issues": list(issues)})


def states(ticket: str) -> list[str]:
    return [row["type"] for row in events("type ticket") if row["ticket"] == ticket]


def test_a_history_that_went_on_keeps_every_row_that_it_had() -> None:
    before, after = (
        {row["id"] for row in issue_rows(one)} for one in (issue(), gone_on(issue()))
    )  # fmt: skip
    assert before < after
    assert len(after) == len(before) + 1


def test_what_went_on_is_added_and_nothing_is_taken_back(tmp_home: Home, tmp_path: Path) -> None:
    imported(put(tmp_path, issue("IT-1"), issue("IT-2")))
    again = imported(put(tmp_path, gone_on(issue("IT-1"))))
    assert (again.written, again.already_there, again.withdrawn) == (1, 9, 0)
    assert states("IT-1")[-2:] == ["Resolved", "Open"]
    assert len(states("IT-2")) == 9


def test_a_correction_takes_the_place_of_what_was_wrong(tmp_home: Home, tmp_path: Path) -> None:
    imported(put(tmp_path, issue("IT-1"), issue("IT-2")))
    mended = issue("IT-1")
    mended["changelog"]["histories"][1]["items"][0]["toString"] = "Escalated"
    done = imported(put(tmp_path, mended))
    assert (done.written, done.withdrawn) == (1, 1)
    assert "In Progress" not in states("IT-1")
    assert states("IT-1")[-2:] == ["Escalated", "Resolved"]
    assert states("IT-2")[-2:] == ["In Progress", "Resolved"]


def test_a_movement_that_the_source_withdrew_goes_and_may_come_again(tmp_home: Home, tmp_path: Path) -> None:
    imported(put(tmp_path, issue("IT-1")))
    without = issue("IT-1", comment={"comments": []})
    assert imported(put(tmp_path, without)).withdrawn == 4
    assert len(states("IT-1")) == 5
    back = imported(put(tmp_path, issue("IT-1")))
    assert (back.written, back.withdrawn) == (4, 0)
    assert len(states("IT-1")) == 9


def test_a_file_that_broke_off_takes_nothing_back(tmp_home: Home, tmp_path: Path) -> None:
    path = put(tmp_path, issue("IT-1"), issue("IT-2"))
    imported(path)
    mapping = dump_mapping(sniff(path).mapping)
    cut = tmp_path / "jira.json"
    text = json.dumps({"issues": [issue("IT-1", comment={"comments": []}), issue("IT-2")]})
    cut.write_text(text[: len(text) - 500], encoding="utf-8")
    draft = actions.draft_import(OPERATOR, cut, cut.name, mapping=mapping)
    done = run_import(actions.confirm_import(OPERATOR, draft, mapping))
    assert "cut off" in done.error
    assert (done.withdrawn, len(states("IT-1"))) == (0, 9)


def table(folder: Path, *lines: str) -> Path:
    path = folder / "desk.csv"
    path.write_text("number,at,state\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


MAPPING = """
source: desk
format: csv
events: {time: at, type: state, ticket: number, case: number}
history: whole
"""


def test_any_table_may_tell_whole_histories(tmp_home: Home, tmp_path: Path) -> None:
    mapping = load_mapping(MAPPING, "mapping.yaml")
    imported(table(tmp_path, "1,2026-01-01,New", "1,2026-01-02,Open", "2,2026-01-01,New"), mapping)
    done = imported(table(tmp_path, "1,2026-01-01,New", "1,2026-01-03,Closed"), mapping)
    assert (done.written, done.withdrawn) == (1, 1)
    assert (states("1"), states("2")) == (["New", "Closed"], ["New"])


def test_a_ticket_with_a_refused_row_keeps_what_was_known(tmp_home: Home, tmp_path: Path) -> None:
    mapping = load_mapping(MAPPING, "mapping.yaml")
    imported(table(tmp_path, "1,2026-01-01,New", "1,2026-01-02,Open", "2,2026-01-01,New"), mapping)
    done = imported(table(tmp_path, "1,2026-01-01,New", "1,soon,Open", "2,2026-01-05,Closed"), mapping)
    assert (done.refused, done.withdrawn) == (1, 1)
    assert (states("1"), states("2")) == (["New", "Open"], ["Closed"])


def test_the_word_is_checked_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"line 5, column 10.*whole"):
        load_mapping(MAPPING.replace("history: whole", "history: all"), "mapping.yaml")
