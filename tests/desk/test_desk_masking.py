"""Who is named on the way in stands in nothing that is kept."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from desk_exports import events, imported, issue, table_record, written
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.importers.masking import Mask, Masking
from towpath.desk.rules.masking import TOKEN, Masks
from towpath.events import actions, jobs
from towpath.events.ingest import run_import
from towpath.events.mapping import Mapping, Pick, dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.sniffing import examples, preview, sniff
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home

KEY = b"key of a test"
PLAIN = Mapping("desk", "csv", {"time": (Pick("at"),), "type": (Pick("state"),), "ticket": (Pick("number"),)})


def masked(text: str, *people: str) -> str:
    masks = Masks(KEY)
    names = {name: token for person in people for name, token in masks.names_in(person).items()}
    return masks.text(text, names, Counter())


def masking(**asked: object) -> Masking:
    return Masking(PLAIN, Mask(**asked), KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Write to anna.berg+it@kund.example.org please", "anna.berg"),
        ("call me on +46 70 123 45 67 after nine", "123"),
        ("my phone: 070-123 45 67", "123"),
        ("Tel. 0612345678 or so", "0612345678"),
        ("ring (555) 123-4567 today", "555"),
        ("电话 13812345678 谢谢", "13812345678"),
        ("card 4111 1111 1111 1111 was refused", "1111"),
        ("pay to DE89 3704 0044 0532 0130 00 now", "3704"),
        ("account number 1234567890 is locked", "1234567890"),
        ("Kontonummer: 8327-9 123 456 789", "8327"),
        ("the host 192.168.10.77 is down", "192.168"),
        ("from fe80::1ff:fe23:4567:890a it works", "fe80"),
        ("my number is 850709-9805", "850709"),
        ("Dear Kim,\nit broke", "Kim"),
        ("Hola María José, no funciona", "María"),
        ("Sehr geehrte Frau Müller, es geht nicht", "Müller"),
        ("It is broken.\nBest regards,\nJohn Smith", "Smith"),
        ("Mvh\nÅsa Öberg", "Öberg"),
        ("my name is Grace Hopper and", "Hopper"),
        ("我叫王小明，打不开", "王小明"),
        ("请联系李女士", "李"),
    ],
)
def test_what_names_somebody_in_a_text_becomes_a_token(text: str, secret: str) -> None:
    assert secret not in masked(text)
    assert TOKEN.search(masked(text))


@pytest.mark.parametrize(
    "text",
    [
        "The printer on floor 3 is jammed since 2026-01-31 09:15:00",
        "Error 0x80070005 in version 10.4 of the client",
        "Hello Team, the VPN is slow again",
        "Ticket INC0012345 and CHG0030001 belong together",
        "Order 4111111111111112 is no card",
        "Sizes 12 x 14, ratio 16:9, 10:30:15 on 03/04/2025",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert masked(text) == text


def test_names_that_a_column_holds_are_found_in_the_texts_of_the_ticket() -> None:
    text = masked("John Smith says: smith john cannot sign in. John waits. Johnson does not.", "Smith, John")
    (token,) = set(TOKEN.findall(text))
    assert text == f"{token} says: {token} cannot sign in. {token} waits. Johnson does not."


def test_the_same_person_has_the_same_token_however_written() -> None:
    masks = Masks(KEY)
    assert masks.person("Smith, Jane") == masks.person("Jane Smith (IT)") == masks.person("jane smith")
    assert masks.person("Jane Smith") != masks.person("Jane Smyth")
    assert masks.person("Jane Smith") != Masks(b"another home").person("Jane Smith")
    assert masks.mail("A@B.example") == masks.person("a@b.example")


def test_phone_numbers_with_and_without_country_are_one_where_the_region_is_told() -> None:
    masks = Masks(KEY, "SE")
    assert masks.phone("070-123 45 67") == masks.phone("+46 70 123 45 67")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.lists(st.text(min_size=3, max_size=20), max_size=2))
def test_masking_twice_is_masking_once(text: str, people: list[str]) -> None:
    once = masked(text, *people)
    assert masked(once) == once


def test_columns_are_told_by_their_names_in_several_languages() -> None:
    row = {
        "number": "INC1", "state": "New", "assignment_group": "Network", "caller_id": "Eva Holm",
        "Technicien": "Paul Martin", "handläggare": "Åke", "email": "E@x.example", "phone": "+46701234567",
        "category": "VPN", "short_description": "Eva is locked out", "reassignment_count": "2",
        "product_name": "Outlook", "resource country": "Sweden", "caller name": "Eva Holm",
    }  # fmt: skip
    found = masking().row(row)
    for column in ("caller_id", "Technicien", "handläggare", "email", "phone"):
        assert TOKEN.fullmatch(str(found[column])), column
    assert found["caller name"] == found["caller_id"]
    left = ("number", "state", "assignment_group", "category", "product_name", "resource country")
    for column in (*left, "reassignment_count"):
        assert found[column] == row[column]
    assert found["short_description"] == f"{found['caller_id']} is locked out"


def test_columns_may_be_named_and_kept() -> None:
    found = masking(people=("who",), keep=("caller",), texts=("x",)).row(
        {"who": "Eva", "caller": "Desk 7", "x": "Eva"}
    )
    assert TOKEN.fullmatch(str(found["who"]))
    assert found["caller"] == "Desk 7"
    assert found["x"] == found["who"]


def test_lists_and_objects_are_masked_within() -> None:
    found = masking().row({"comments": [{"body": "Hi Kim, see a@b.example", "n": 3}], "labels": ["vpn"]})
    assert "Kim" not in json.dumps(found)
    assert "a@b.example" not in json.dumps(found)
    assert found["labels"] == ["vpn"]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ("mask: yes please", "mask: true"),
        ("mask: {who: [x]}", "who"),
        ("mask: {region: Sweden}", "two letters"),
    ],
)
def test_a_wrong_section_is_told_with_its_line(section: str, problem: str) -> None:
    text = f"source: desk\nformat: csv\nevents: {{time: at, type: state}}\n{section}\n"
    with pytest.raises(DocumentError, match=f"line 4.*{problem}"):
        load_mapping(text, "mapping.yaml")


def everything_under(folder: Path) -> bytes:
    """All that lies there, Parquet unpacked."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    unpacked = [str(pq.read_table(file).to_pylist()) for file in files if file.suffix == ".parquet"]
    return b"\n".join([*(file.read_bytes() for file in files), *(text.encode() for text in unpacked)])


def kept_records() -> str:
    rows = [
        *FileImport.objects.values("mapping", "error", "treated"),
        *QuarantinedRecord.objects.values("raw", "reason", "place"),
        *AuditEntry.objects.values("before", "after"),
    ]
    return json.dumps(rows, default=str, ensure_ascii=False)


CSV = """number,at,state,caller,note
1,2026-01-01,New,Zebulon Quark,"Zebulon here, call 070-999 88 77"
2,soon,New,Zebulon Quark,"zebulon.quark@kund.example waits"
3,2026-01-01,New,Zebulon Quark,one too many,zebulon.quark@kund.example
4,2026-01-02,Open,Zebulon Quark,"Host 192.168.99.99
5,2026-01-02,Open,Zebulon Quark,"and more"
"""
SECRETS = ("Zebulon", "Quark", "zebulon", "999 88 77", "192.168.99.99")


@pytest.mark.django_db
def test_nothing_unmasked_is_kept_of_good_refused_and_broken_rows(tmp_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "desk.csv"
    path.write_text(CSV, encoding="utf-8")
    mapping = load_mapping(
        "source: desk\nformat: csv\nmask: true\n"
        "events: {time: at, type: state, ticket: number, identifier: {column: caller, prefix: 'caller:'}}\n",
        "mapping.yaml",
    )
    done = imported(path, mapping)
    assert (done.written, done.refused) == (2, 3)
    assert done.treated["person"] == 3
    assert {"name", "phone", "mail"} <= set(done.treated)
    row, _second = events()
    assert row["identifier"].startswith("caller:person-")
    assert row["data"]["note"].startswith(row["identifier"].removeprefix("caller:"))
    found = everything_under(tmp_home.root), kept_records()
    for secret in SECRETS:
        assert secret.encode() not in found[0], secret
        assert secret not in found[1], secret
    shown = [preview(path, mapping).rows, examples(path, mapping)]
    assert not any(secret in str(shown) for secret in SECRETS)


@pytest.mark.django_db
def test_a_killed_import_has_staged_nothing_unmasked(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "jira.json", {"issues": [issue("IT-1")]})
    text = dump_mapping(sniff(path).mapping)
    draft = actions.confirm_import(
        OPERATOR, actions.draft_import(OPERATOR, path, path.name, mapping=text), text
    )

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("towpath.events.lake.lake.absorb", killed)
    monkeypatch.setattr("towpath.events.ingest.CHECKPOINT_ROWS", 1)
    with pytest.raises(KeyboardInterrupt):
        run_import(draft)
    staged = list(tmp_home.staging.rglob("*.parquet"))
    assert staged
    kept = everything_under(tmp_home.root)
    assert not any(secret in kept for secret in (b"Anna", b"Berg", b"anna.berg", b"Ola Lind"))


@pytest.mark.django_db
def test_what_a_person_mends_in_quarantine_is_masked_too(tmp_home: Home, tmp_path: Path) -> None:
    path = tmp_path / "desk.csv"
    path.write_text("number,at,state,caller\n2,soon,New,Zebulon Quark\n", encoding="utf-8")
    text = "source: desk\nformat: csv\nmask: true\nevents: {time: at, type: state, ticket: number}\n"
    imported(path, load_mapping(text, "mapping.yaml"))
    record = QuarantinedRecord.objects.get()
    mended = {"number": "2", "at": "2026-01-01", "state": "New", "caller": "Zebulon Quark"}
    actions.mend_record(OPERATOR, record, json.dumps(mended))
    assert TOKEN.fullmatch(events()[0]["data"]["caller"])


@pytest.mark.django_db
def test_repeats_are_still_found_as_tokens_stay_the_same(tmp_home: Home, tmp_path: Path) -> None:
    imported(written(tmp_path / "a.json", {"result": [table_record("INC1")]}), name="desk.json")
    imported(written(tmp_path / "b.json", {"result": [table_record("INC2")]}), name="desk.json")
    assert len({row["identifier"] for row in events()}) == 1
    assert "Eva" not in str(events())


@pytest.mark.django_db
def test_an_upload_that_nobody_agreed_to_is_gone_after_a_week(tmp_home: Home) -> None:
    drafts = []
    for name in ("old", "new"):
        path = written(tmp_home.uploads / f"{name}.json", {"issues": [issue("IT-1")]})
        drafts.append(actions.draft_import(OPERATOR, path, path.name, uploaded=True))
    week_ago = timezone.now() - timedelta(days=8)
    FileImport.objects.filter(pk=drafts[0].pk).update(created_at=week_ago)
    assert jobs.discard_old_drafts.call() == 1
    assert [file.name for file in tmp_home.uploads.iterdir()] == ["new.json"]


@pytest.mark.django_db
def test_an_upload_that_broke_off_is_not_kept_as_it_came(tmp_home: Home) -> None:
    path = tmp_home.uploads / "jira.json"
    whole = json.dumps({"issues": [issue("IT-1"), issue("IT-2")]})
    path.write_text(whole[:-50], encoding="utf-8")
    text = dump_mapping(sniff(path).mapping)
    draft = actions.draft_import(OPERATOR, path, path.name, mapping=text, uploaded=True)
    done = run_import(actions.confirm_import(OPERATOR, draft, text))
    assert "cut off" in done.error
    assert not path.exists()
