"""What an attacker would try at the doors that are open to them: sign-in, headers, names, uploads."""

from __future__ import annotations

import gzip
import io
import json
import logging
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from small_shop import JOURNEY, ROWS, take_in

from towpath.foundation.access.rules import declared
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.route_table import page_routes

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
PASSWORD = "correct-horse-battery"
ClientOf = Callable[[Person], Client]
KeyClient = Callable[..., Client]
EVIL = "<script>alert(7)</script>"
MEGA = 1024 * 1024


def sign_in(client: Client, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": "agent", "password": PASSWORD, **extra})


def test_a_session_that_was_slipped_in_before_sign_in_is_worth_nothing_after_it(agent: Person) -> None:
    client = Client()
    client.session["before"] = 1
    session = client.session
    session.save()
    client.cookies["sessionid"] = slipped = str(session.session_key)
    sign_in(client)
    assert client.cookies["sessionid"].value != slipped
    thief = Client()
    thief.cookies["sessionid"] = slipped
    assert thief.get("/administration/keys/").status_code == 302


def test_after_sign_out_a_copied_cookie_is_worth_nothing(agent: Person) -> None:
    client = Client()
    sign_in(client)
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert thief.get("/administration/keys/").status_code == 200
    client.get("/accounts/logout/")
    assert thief.get("/administration/keys/").status_code == 200, "a link must not sign anybody out"
    client.post("/accounts/logout/")
    assert thief.get("/administration/keys/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\t//evil.example",
    ],
)
def test_sign_in_leads_to_no_other_site(agent: Person, elsewhere: str) -> None:
    answer = sign_in(Client(), next=elsewhere)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_who_is_not_behind_a_proxy_cannot_choose_the_address_that_attempts_are_counted_by(
    agent: Person,
) -> None:
    for attempt in range(20):
        form = {"login": f"somebody-{attempt}", "password": "wrong"}
        Client().post(LOGIN, form, headers={"X-Forwarded-For": f"192.0.2.{attempt}"})
    client = Client()
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_behind_a_proxy_the_address_that_it_names_counts_and_not_what_the_caller_wrote(
    agent: Person, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for attempt in range(20):
        form = {"login": f"somebody-{attempt}", "password": "wrong"}
        Client().post(LOGIN, form, headers={"X-Forwarded-For": f"10.0.0.{attempt}, 192.0.2.7"})
    client = Client(headers={"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
    sign_in(client)
    assert "_auth_user_id" not in client.session
    other = Client(headers={"X-Forwarded-For": "10.9.9.9, 192.0.2.8"})
    sign_in(other)
    assert "_auth_user_id" in other.session


def words_of(answer: Any, name: str) -> str:
    """The page without what differs anyway: the name that was typed, and the token."""
    text: str = answer.content.decode().replace(name, "NAME")
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def test_sign_in_and_reset_do_not_tell_who_has_an_account(agent: Person, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    known = Client().post(LOGIN, {"login": "agent", "password": "wrong"})
    unknown = Client().post(LOGIN, {"login": "nobody-here", "password": "wrong"})
    assert words_of(known, "agent") == words_of(unknown, "nobody-here")
    answers = [
        Client().post("/accounts/password/reset/", {"email": address})
        for address in ("agent@example.org", "nobody@example.org")
    ]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [
        (302, "/accounts/password/reset/done/")
    ] * 2


def test_a_reset_link_names_only_hosts_that_are_allowed(agent: Person, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    settings.ALLOWED_HOSTS = ["towpath.example.org"]
    form = {"email": agent.email}
    for headers in ({"Host": "evil.example"}, {"Host": "towpath.example.org@evil.example"}):
        assert Client().post("/accounts/password/reset/", form, headers=headers).status_code == 400
    good = {"Host": "towpath.example.org", "X-Forwarded-Host": "evil.example"}
    Client().post("/accounts/password/reset/", form, headers=good)
    (sent,) = mail.outbox
    assert "towpath.example.org/accounts/password/reset/key/" in str(sent.body)
    assert "evil" not in str(sent.body)


def test_a_host_that_is_not_ours_gets_no_page(client: Client) -> None:
    assert client.get(LOGIN, headers={"Host": "evil.example"}).status_code == 400


def test_this_machine_s_own_watchers_are_answered_behind_tls_too(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for address in ("/healthz", "/readyz"):
        assert client.get(address, headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert client.get("/metrics", headers={"Host": "127.0.0.1:8000"})["Location"].startswith(
        "/accounts/login/"
    )
    assert client.get(LOGIN, headers={"Host": "127.0.0.1:8000"})["Location"].startswith("https://")


def test_the_machine_s_own_names_are_answered_beside_those_that_are_set(tmp_path: Path) -> None:
    program = "from towpath.site.settings import ALLOWED_HOSTS; print(*ALLOWED_HOSTS)"
    environment = {
        **os.environ,
        "TOWPATH_HOME": str(tmp_path),
        "TOWPATH_ALLOWED_HOSTS": "towpath.example.org",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["towpath.example.org", "localhost", "127.0.0.1", "[::1]"]


def test_a_line_end_in_an_address_or_header_makes_no_line_of_its_own(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("/nothing%0A%7B%22event%22:%22forged%22%7D%1B[2J")
        client.get("/api/nothing%0D%0Aforged")
        client.get(LOGIN, headers={"X-Request-ID": "12345678\nforged", "User-Agent": "x\nforged"})
    assert caplog.records
    assert [line for line in caplog.messages if "\n" in line or "\x1b" in line or "\r" in line] == []


def test_every_answer_forbids_frames_and_foreign_scripts_the_refusals_too(
    client: Client, client_of: ClientOf, administrator: Person
) -> None:
    signed = client_of(administrator)
    answers = [signed.get("/nothing/"), client.get("/api/people"), signed.get("/administration/keys/")]
    answers += [client.get(LOGIN, headers={"Host": "evil.example"}), signed.post("/administration/jobs/")]
    for answer in answers:
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_names_that_are_markup_stay_text_on_every_page(
    tmp_home: Home, tmp_path: Path, key_client: KeyClient, client_of: ClientOf, administrator: Person
) -> None:
    rows = ROWS.replace("web", f"web{EVIL}").replace("pay", f"pay{EVIL}")
    take_in(tmp_path, rows)
    journey = JOURNEY.replace("Fill the basket", f'"{EVIL}"').replace("name: Order", f'name: "{EVIL}"')
    journey = journey.replace("type: pay", f'type: "pay{EVIL}"')
    put = key_client(declared()).put("/api/journeys/order", journey, content_type="application/yaml")
    assert put.status_code == 201, put.content
    client = client_of(administrator)
    client.post("/administration/teams/new/", {"name": f"Team {EVIL}"})
    client.post("/administration/keys/", {"name": EVIL, "scopes": ["events:read"], "days": "3"})
    shown = 0
    for page in [page.address for page in page_routes() if "<" not in page.address] + [
        f"/journeys/order/{name}/"
        for name in ("blueprint", "funnel", "flow", "segments", "losses", "friction", "entities")
    ]:
        answer = client.get(page, {"by": "channel"})
        if answer.status_code == 200 and not answer.streaming:
            shown += answer.content.count(b"alert(7)")
            assert EVIL.encode() not in answer.content, page
    assert shown > 5, "the names are to be seen, as text"


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "a\x00b.csv", "." * 300]
)
def test_an_uploaded_file_lies_where_uploads_lie_whatever_it_is_called(
    name: str, tmp_home: Home, client_of: ClientOf, service_manager: Person
) -> None:
    file = SimpleUploadedFile("x.csv", ROWS.encode())
    file._name = name
    client_of(service_manager).post("/events/import/", {"file": file})
    strays = [path for path in tmp_home.root.parent.rglob("*evil*") if path.parent != tmp_home.uploads]
    assert strays == []
    assert len(list(tmp_home.uploads.iterdir())) <= 1


class Untouched(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_size: int | None) -> bytes:
        raise AssertionError("the body was read")

    readline = read  # type: ignore[assignment]


@pytest.mark.parametrize("address", [LOGIN, "/appearance/", "/accounts/password/reset/", "/events/import/"])
def test_a_stranger_s_large_form_is_not_read_wherever_it_is_sent(address: str) -> None:
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(11 * MEGA)}
    environ = RequestFactory().post(address).environ
    assert Client().request(**environ | form | {"wsgi.input": Untouched()}).status_code == 413


def test_a_json_body_beyond_what_any_needs_is_a_problem(client_of: ClientOf, agent: Person) -> None:
    answer = client_of(agent).post("/api/keys", b" " * 11 * MEGA, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def packed_zeros(megabytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(megabytes):
            file.write(b" " * MEGA)
    return packed.getvalue()


def test_a_gzip_bomb_at_the_event_door_is_refused_before_it_unfolds(
    tmp_home: Home, key_client: KeyClient
) -> None:
    bomb = packed_zeros(400)
    client = key_client(["events:write"])
    tracemalloc.start()
    try:
        answer = client.generic(
            "POST", "/api/events", bomb, content_type="application/json", headers={"Content-Encoding": "gzip"}
        )
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert peak < 250 * MEGA


def test_a_gzip_bomb_that_is_dropped_on_the_page_is_refused_in_little_memory(
    tmp_home: Home, client_of: ClientOf, service_manager: Person
) -> None:
    file = SimpleUploadedFile("events.jsonl.gz", packed_zeros(400))
    client = client_of(service_manager)
    tracemalloc.start()
    try:
        answer = client.post("/events/import/", {"file": file})
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 422
    assert peak < 100 * MEGA
    assert list(tmp_home.uploads.iterdir()) == []


def test_a_text_without_end_in_a_json_body_is_refused_or_cut_not_a_crash(
    client_of: ClientOf, agent: Person
) -> None:
    client = client_of(agent)
    for name in ("x" * 5_000_000, "a\x00b", "\ud800".encode("utf-16", "surrogatepass").hex(), "[" * 100_000):
        wanted = json.dumps({"name": name, "scopes": ["events:read"]})
        assert client.post("/api/keys", wanted, content_type="application/json").status_code in (201, 422)
    deep = "[" * 200_000
    assert client.post("/api/keys", deep, content_type="application/json").status_code in (400, 422)
