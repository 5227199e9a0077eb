"""The pages of the events area: a dropped file, its mapping, its import, and what was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult
from small_logs import BAD, HEADER, MAPPING

from towpath.events import pages
from towpath.events.fields import MEANINGS
from towpath.events.ingest import run_import
from towpath.events.mapping import EVENT_FIELDS
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.store import lake
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
OPENS_FILE = "django.core.files.uploadhandler.TemporaryFileUploadHandler.new_file"
GOOD = [f"{order},basket,2024-01-{order:02} 10:00,120" for order in range(1, 29)]
Signed = Callable[[Person], Client]


def dropped(client: Client, rows: list[str], name: str = "orders.csv") -> FileImport:
    content = (HEADER + "".join(f"{row}\n" for row in rows)).encode()
    answer = client.post("/events/import/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return FileImport.objects.latest("created_at")


@pytest.fixture
def client(tmp_home: Home, service_manager: Person, client_of: Signed) -> Client:
    return client_of(service_manager)


def written(*_args: object, **_options: object) -> None:
    raise AssertionError("the body was read")


def imported(client: Client, rows: list[str]) -> FileImport:
    draft = dropped(client, rows)
    client.post(f"/events/imports/{draft.pk}/", {"mapping": MAPPING, "do": "import"})
    draft.refresh_from_db()
    return run_import(draft)


def test_a_dropped_file_is_shown_as_it_will_be_understood(client: Client) -> None:
    draft = dropped(client, GOOD)
    page = client.get(f"/events/imports/{draft.pk}/").content.decode()
    assert "basket" in page
    assert "2024-01-05 10:00" in page
    assert "source: orders\n" in draft.mapping
    assert lake().snapshot().rows == 0


def test_an_upload_is_kept_inside_the_home_for_its_owner_alone(client: Client, tmp_home: Home) -> None:
    path = Path(dropped(client, GOOD, "../../etc/passwd.csv").path)
    assert path.parent == tmp_home.uploads
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_chosen_is_told(client: Client) -> None:
    answer = client.post("/events/import/", {})
    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()


def test_an_unreadable_file_is_refused_by_its_name_and_leaves_nothing_behind(
    client: Client, tmp_home: Home
) -> None:
    answer = client.post("/events/import/", {"file": SimpleUploadedFile("empty.csv", b"\n")})
    assert answer.status_code == 422
    assert "empty.csv" in answer.content.decode()
    assert not list(tmp_home.uploads.iterdir())
    assert not FileImport.objects.exists()


def test_a_wrong_mapping_is_told_with_its_line_and_what_was_typed_stays(client: Client) -> None:
    draft = dropped(client, GOOD)
    typed = MAPPING.replace("what\n", "whut\n") + "# mine\n"
    answer = client.post(f"/events/imports/{draft.pk}/", {"mapping": typed, "do": "import"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "whut" in page
    assert "# mine" in page
    draft.refresh_from_db()
    assert draft.state == FileImport.State.DRAFT


def test_an_agreed_mapping_leads_to_events(client: Client) -> None:
    finished = imported(client, GOOD)
    assert finished.state == FileImport.State.DONE
    assert lake().snapshot().rows == 28
    assert not Path(finished.path).exists()
    page = client.get(f"/events/imports/{finished.pk}/").content.decode()
    assert "Draw the journey" in page
    assert "shop" in client.get("/events/").content.decode()


def test_of_two_clicks_one_begins_the_import(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = dropped(client, GOOD)
    usual = pages._look

    def other_click_first(found: FileImport, text: str) -> object:
        monkeypatch.setattr(pages, "_look", usual)
        client.post(f"/events/imports/{draft.pk}/", {"mapping": MAPPING, "do": "import"})
        return usual(found, text)

    monkeypatch.setattr(pages, "_look", other_click_first)
    answer = client.post(f"/events/imports/{draft.pk}/", {"mapping": MAPPING, "do": "import"})
    assert answer.status_code == 302
    assert DBTaskResult.objects.count() == 1


def test_the_same_file_dropped_twice_changes_nothing(client: Client) -> None:
    for _ in range(2):
        draft = dropped(client, GOOD)
        client.post(f"/events/imports/{draft.pk}/", {"mapping": draft.mapping, "do": "import"})
        draft.refresh_from_db()
        finished = run_import(draft)
    assert (finished.written, finished.already_there) == (0, 28)
    assert lake().snapshot().rows == 28


def test_a_draft_can_be_put_aside_with_its_file(client: Client) -> None:
    draft = dropped(client, GOOD)
    client.post(f"/events/imports/{draft.pk}/", {"do": "discard"})
    assert not FileImport.objects.exists()
    assert not Path(draft.path).exists()


def test_a_refused_record_can_be_mended_and_counts_once(client: Client) -> None:
    imported(client, GOOD + BAD)
    record = QuarantinedRecord.objects.get(place="line 30")
    address = f"/events/quarantine/{record.pk}/"
    still_wrong = client.post(address, {"raw": record.raw.replace("yesterday", "tomorrow"), "do": "replay"})
    assert still_wrong.status_code == 422
    mended = record.raw.replace("yesterday", "2024-02-01 11:30")
    assert client.post(address, {"raw": mended, "do": "replay"}).status_code == 302
    record.refresh_from_db()
    assert record.state == QuarantinedRecord.State.REPLAYED
    assert lake().snapshot().rows == 29
    assert client.post(address, {"raw": mended, "do": "replay"}).status_code == 422
    assert lake().snapshot().rows == 29


def test_a_dismissed_record_stays_visible(client: Client) -> None:
    imported(client, GOOD + BAD)
    record = QuarantinedRecord.objects.get(place="line 31")
    client.post(f"/events/quarantine/{record.pk}/", {"do": "dismiss"})
    assert "line 31" not in client.get("/events/quarantine/").content.decode()
    assert "line 31" in client.get("/events/quarantine/?state=dismissed").content.decode()


def test_what_was_written_by_strangers_is_escaped(client: Client) -> None:
    imported(client, [*GOOD, "<script>alert(1)</script>,pay,never,1"])
    page = client.get("/events/quarantine/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_every_write_is_in_the_audit_log(client: Client, service_manager: Person) -> None:
    imported(client, GOOD)
    verbs = set(AuditEntry.objects.filter(actor=service_manager.username).values_list("verb", flat=True))
    assert {"import.drafted", "import.confirmed"} <= verbs
    assert AuditEntry.objects.filter(verb="import.finished").exists()


def test_an_agent_sees_sources_but_imports_nothing(tmp_home: Home, agent: Person, client_of: Signed) -> None:
    client = client_of(agent)
    assert client.get("/events/").status_code == 200
    assert client.get("/events/import/").status_code == 403
    assert client.get("/events/quarantine/").status_code == 403
    assert client.get(f"/events/imports/{uuid4()}/").status_code == 403


def test_what_passers_by_upload_is_not_even_read(
    tmp_home: Home, agent: Person, client_of: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OPENS_FILE, written)
    passer_by = Client(enforce_csrf_checks=True)
    passer_by.get("/accounts/login/")
    assert "csrftoken" in passer_by.cookies
    for client, status in ((passer_by, 302), (client_of(agent), 403)):
        file = SimpleUploadedFile("orders.csv", HEADER.encode())
        assert client.post("/events/import/", {"file": file}).status_code == status


def test_a_file_beyond_the_limit_is_refused_in_words_before_it_is_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "UPLOAD_MAX_BYTES", 2_000)
    dropped(client, GOOD)
    monkeypatch.setattr(OPENS_FILE, written)
    file = SimpleUploadedFile("orders.csv", HEADER.encode() * 1_000)
    answer = client.post("/events/import/", {"file": file})
    assert answer.status_code == 413
    assert "at most 2.0\xa0KB are taken here" in answer.content.decode()
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 1_000)
    file.seek(0)
    assert client.post("/events/quarantine/1/", {"file": file}).status_code == 413


@pytest.mark.parametrize(
    "address", [f"/events/quarantine/{10**30}/", f"/events/quarantine/?page={10**30}", "/events/?page=-1"]
)
def test_a_number_beyond_reason_breaks_no_page(client: Client, address: str) -> None:
    assert client.get(address).status_code in (200, 404)


def test_the_mapping_stands_beside_the_files_columns_and_the_fields_it_may_name(client: Client) -> None:
    draft = dropped(client, GOOD)
    page = client.post(
        f"/events/imports/{draft.pk}/", {"mapping": "nonsense", "do": "preview"}
    ).content.decode()
    for name, example in (("order", "1"), ("what", "basket"), ("when", "2024-01-01 10:00"), ("ms", "120")):
        assert f"<code>{name}</code></th><td>{example}</td>" in page
    assert "<dt><code>identifiers</code></dt><dd>Further identifiers of the same customer" in page


def test_every_field_of_a_mapping_is_explained() -> None:
    assert set(MEANINGS) == set(EVENT_FIELDS)


def test_a_source_that_holds_events_of_another_file_is_named_before_they_become_one(client: Client) -> None:
    imported(client, GOOD)
    same = dropped(client, GOOD)
    ask = {"mapping": MAPPING, "do": "preview"}
    assert "already holds" not in client.post(f"/events/imports/{same.pk}/", ask).content.decode()
    other = dropped(client, GOOD[:5], "Orders.csv")
    page = client.post(f"/events/imports/{other.pk}/", ask).content.decode()
    assert "Source shop already holds 28 events (from orders.csv, " in page
    ask["mapping"] = MAPPING.replace("source: shop", "source: till")
    assert "already holds" not in client.post(f"/events/imports/{other.pk}/", ask).content.decode()


def test_events_that_name_nobody_are_told_in_words(client: Client) -> None:
    finished = imported(client, [*GOOD, ",basket,2024-02-02 12:00,5"])
    for address in (f"/events/imports/{finished.pk}/", "/events/"):
        page = client.get(address).content.decode()
        assert "neither a customer nor a case" in page
        assert "Naming nobody" in page
