"""Running it: is it alive, is it ready, what does it count and log, and what do browsers have to keep to."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from towpath.foundation.operations import health
from towpath.foundation.operations.logs import without_secrets
from towpath.foundation.operations.metrics import gauge
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ADDRESSES = ("/healthz", "/accounts/login/", "/nothing/", "/api/me", "/administration/people/")


def test_it_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["checks"] == dict.fromkeys(("records", "migrations", "home", "inbox"), "passing")


def test_it_says_which_check_fails_and_no_more(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path / "gone"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert (checks["home"], checks["records"], checks["migrations"]) == ("failing", "passing", "passing")
    assert str(tmp_path) not in answer.content.decode()


def test_records_out_of_reach_are_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise OSError("could not connect to db.example.org with password hunter2")

    monkeypatch.setitem(health.CHECKS, "records", broken)
    answer = client.get("/readyz")
    assert answer.json()["checks"]["records"] == "failing"
    assert "hunter2" not in answer.content.decode()


def test_metrics_count_by_route_and_not_by_path(
    client_of: Callable[[Person], Client], key_client: Callable[..., Client], administrator: Person
) -> None:
    client_of(administrator).get("/administration/people/987654/")
    gauge("towpath_test_gauge", "For this test.", lambda: {"a": 1.0, "b": 2.0}, label="kind")
    told = key_client(["metrics:read"]).get("/metrics").content.decode()
    route = "/administration/people/<int:person_id>/"
    assert f'towpath_requests_total{{method="GET",route="{route}",status="404"}}' in told
    assert f'towpath_request_duration_seconds_bucket{{le="0.5",method="GET",route="{route}"}}' in told
    assert 'towpath_test_gauge{kind="b"} 2.0' in told
    assert 'towpath_outbox_messages{state="stuck"} 0.0' in told
    assert "987654" not in told


def test_metrics_are_for_keys_with_the_scope_and_administrators(
    client: Client,
    client_of: Callable[[Person], Client],
    key_client: Callable[..., Client],
    agent: Person,
    administrator: Person,
) -> None:
    assert client.get("/metrics").status_code == 302
    assert client.get("/metrics", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert key_client(["people:read"]).get("/metrics").status_code == 403
    assert client_of(agent).get("/metrics").status_code == 403
    assert client_of(administrator).get("/metrics").status_code == 200


def test_a_request_is_logged_without_what_it_carried(
    client_of: Callable[[Person], Client], agent: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="towpath.requests"):
        client = client_of(agent)
        session = client.cookies["sessionid"].value
        client.get("/administration/keys/?token=hunter2", headers={"X-Request-ID": "from-the-proxy-1"})
        client.post("/accounts/login/", {"login": "agent", "password": "hunter2"})
    logged = [record.msg for record in caplog.records if record.name == "towpath.requests"]
    assert (logged[0]["route"], logged[0]["status"], logged[0]["actor"]) == (
        "/administration/keys/",
        200,
        "person",
    )
    assert logged[0]["request_id"] == "from-the-proxy-1"
    assert logged[0]["ms"] >= 0
    assert "hunter2" not in json.dumps(logged, default=str)
    assert session not in json.dumps(logged, default=str)


def test_a_request_id_that_would_spoil_the_log_is_replaced(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abcdefgh"})["X-Request-ID"] == "abcdefgh"
    assert len(client.get("/healthz", headers={"X-Request-ID": 'x" evil'})["X-Request-ID"]) == 32


def test_health_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="towpath.requests"):
        client.get("/healthz")
    assert caplog.records == []


def test_secrets_are_hidden_at_any_depth() -> None:
    event = {
        "user": "ann",
        "Authorization": "Bearer x",
        "body": {"new_password": "x", "items": [{"token": "x"}]},
    }
    assert without_secrets(event) == {
        "user": "ann",
        "Authorization": "(hidden)",
        "body": {"new_password": "(hidden)", "items": [{"token": "(hidden)"}]},
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_strict_policy(client: Client, address: str) -> None:
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_answers_are_not_framed_sniffed_or_referred(client: Client) -> None:
    answer = client.get("/accounts/login/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_behind_tls_everything_goes_by_tls(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    plain = client.get("/accounts/login/")
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/accounts/login/")
    assert "Content-Security-Policy" in plain
    secure = client.get("/accounts/login/", headers={"X-Forwarded-Proto": "https"})
    assert secure["Strict-Transport-Security"].startswith("max-age=31536000")
