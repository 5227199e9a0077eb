"""Who is told of findings, and when: rules, signed webhooks, e-mail, and what came of each."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.utils.translation import override
from findings import SIX, put

from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.outbox.webhooks import NotDelivered, draw_secret, is_public, place_of, signature
from towpath.foundation.people.models import Person
from towpath.improvement.actions import findings, telling
from towpath.improvement.actions.sending import send
from towpath.improvement.announcements import FindingChanged
from towpath.improvement.handlers import tell_those_concerned
from towpath.improvement.models import Delivery, Finding, FindingStep, TellingRule
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.telling import MOST_TRIES, news_of

pytestmark = pytest.mark.django_db


class Receiver(HTTPServer):
    """Keeps what it was sent, and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.got = 204, list[tuple[dict[str, str], bytes]]()
        super().__init__(("127.0.0.1", 0), _Keep)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?team=1"


class _Keep(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def rule_for(address: str, **given: object) -> tuple[TellingRule, str]:
    usual = {"name": "Desk", "means": "webhook", "address": address, "news": ["new", "back", "grave", "gone"]}
    made = telling.add_rule(OPERATOR, **(usual | given))  # type: ignore[arg-type]
    return TellingRule.objects.get(pk=made.rule.id), made.secret


def new(row: Finding) -> list[int]:
    step = row.steps.first()
    assert step is not None
    return telling.prepare(FindingChanged(row.digest, "", row.state, row.grave, step.pk))


def test_the_signature_is_that_of_the_published_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert draw_secret() != draw_secret()


def test_a_webhook_is_signed_and_tells_the_finding_without_naming_a_customer(receiver: Receiver) -> None:
    _rule, secret = rule_for(receiver.address, site="https://towpath.example/")
    row = put()
    (delivery,) = new(row)
    assert send(delivery)
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert told["type"] == "finding.new"
    assert told["data"]["sentence"] == "“Pay by card” fails in app 4.12.0"
    assert told["data"]["url"] == f"https://towpath.example/findings/{row.digest}/"
    assert "moments" not in told["data"]
    sent_at = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature(secret, headers["webhook-id"], sent_at, body)
    kept = Delivery.objects.get()
    assert (kept.state, kept.tries, kept.said) == ("delivered", 1, "answered with 204")
    assert send(delivery)
    assert len(receiver.got) == 1


def test_what_is_not_taken_is_tried_again_under_the_same_id_until_it_is_given_up(receiver: Receiver) -> None:
    rule_for(receiver.address)
    receiver.status = 503
    (delivery,) = new(put())
    for _try in range(MOST_TRIES - 1):
        with pytest.raises(NotDelivered, match="503"):
            send(delivery)
    assert send(delivery)
    kept = Delivery.objects.get()
    assert (kept.state, kept.tries) == ("failed", MOST_TRIES)
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1


def test_a_redirect_is_not_followed_and_gone_stops_the_rule(receiver: Receiver) -> None:
    rule, _secret = rule_for(receiver.address)
    row = put()
    (delivery,) = new(row)
    receiver.status = 302
    with pytest.raises(NotDelivered, match="302"):
        send(delivery)
    receiver.status = 410
    assert send(delivery)
    rule.refresh_from_db()
    assert not rule.active
    step = FindingStep.objects.create(finding=row, at=SIX, state="back", by="towpath")
    assert telling.prepare(FindingChanged(row.digest, "gone", "back", False, step.pk)) == []
    assert AuditEntry.objects.filter(verb="telling.stopped").count() == 1


def test_what_was_to_be_told_by_a_rule_that_is_stopped_does_not_wait_for_ever(receiver: Receiver) -> None:
    rule, _secret = rule_for(receiver.address)
    (delivery,) = new(put())
    telling.set_active(OPERATOR, rule.pk, active=False)
    assert send(delivery)
    kept = Delivery.objects.get()
    assert (kept.state, kept.said) == ("failed", "The rule was stopped before it was told.")
    assert receiver.got == []


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("https://127.0.0.1/x", "private"),
        ("https://[::1]/x", "private"),
        ("https://169.254.169.254/latest", "private"),
        ("https://10.1.2.3:8443/", "private"),
        ("https://[::ffff:192.168.0.1]/", "private"),
        ("http://93.184.216.34/", "https"),
        ("file:///etc/passwd", "https"),
        ("https://user:pass@93.184.216.34/", "without a user"),
        ("https://no-such-host.invalid/", "not known"),
    ],
)
def test_it_refuses_addresses_that_lead_inside_or_nowhere(address: str, why: str) -> None:
    with pytest.raises(NotDelivered, match=why):
        place_of(address, private=False)
    with pytest.raises(ValidationError) as refused:
        rule_for(address)
    assert set(refused.value.message_dict) == {"address"}


def test_public_addresses_are_told_from_others() -> None:
    assert is_public("93.184.216.34")
    assert not any(is_public(number) for number in ("192.168.1.1", "100.64.0.1", "fe80::1", "224.0.0.1"))
    assert place_of("https://93.184.216.34/x", private=False)[1] == "93.184.216.34"


def test_the_secret_is_not_in_clear_in_the_records(receiver: Receiver) -> None:
    _rule, secret = rule_for(receiver.address)
    with connection.cursor() as cursor:
        cursor.execute("select * from improvement_tellingrule")
        assert secret not in str(cursor.fetchall())
        cursor.execute("select * from audit_auditentry")
        assert secret not in str(cursor.fetchall())


def test_a_mail_says_it_in_words(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.example"
    rule_for("a@desk.example, b@desk.example", means="email")
    (delivery,) = new(put(grave=True))
    assert send(delivery)
    (letter,) = mail.outbox
    assert letter.subject == "Grave: “Pay by card” fails in app 4.12.0"
    assert letter.recipients() == ["a@desk.example", "b@desk.example"]
    assert letter.to == [], "they do not see one another"
    assert "2050 ruined customer-days a week; 1980 customers beyond" in letter.body
    assert "together with release app 4.12.0." in letter.body


def test_a_mail_is_in_the_language_in_which_it_was_asked_for(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.example"
    row = put()
    with override("sv"):
        rule_for("desk@example.org", means="email")
    (delivery,) = new(row)
    assert send(delivery)
    assert mail.outbox[0].subject.startswith("Ny: ")


def test_without_a_mail_server_it_says_what_to_set(settings: LazySettings) -> None:
    settings.EMAIL_HOST = ""
    rule_for("a@desk.example", means="email")
    (delivery,) = new(put())
    with pytest.raises(NotDelivered, match="TOWPATH_EMAIL_URL"):
        send(delivery)


def test_a_rule_hears_of_what_it_asked_for_alone(receiver: Receiver) -> None:
    rule_for(receiver.address, name="Slow", families=[Family.SLOW.value])
    rule_for(receiver.address, name="Large", news=["new"], least_score=5_000.0)
    rule_for(receiver.address, name="Gone", news=["gone"])
    rule_for(receiver.address, name="Grave", news=["grave"], least_score=5_000.0)
    assert new(put()) == []
    new(put("component=ledger", Family.GRAVE, grave=True))
    assert [str(row.rule) for row in Delivery.objects.all()] == ["Grave"]


def test_each_step_is_told_once_however_often_it_is_announced(receiver: Receiver) -> None:
    rule_for(receiver.address)
    row = put(seen=False)
    assert len(new(row)) == 1
    assert new(row) == []
    findings.mark_looked([], SIX + timedelta(days=7))
    step = FindingStep.objects.get(state="gone")
    tell_those_concerned(FindingChanged(row.digest, "open", "gone", False, step.pk))
    assert [each.news for each in Delivery.objects.order_by("pk")] == ["new", "gone"]


def test_what_people_decide_is_no_news() -> None:
    assert news_of("open", "accepted", grave=True) == []
    assert news_of("declined", "open", grave=False) == []
    assert news_of("gone", "back", grave=True) == ["back", "grave"]
    assert news_of("", "open", grave=False) == ["new"]


def test_under_administration_a_rule_is_made_tried_out_stopped_and_removed(
    receiver: Receiver, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    client, address = client_of(service_manager), "/administration/telling/"
    assert "Nobody is told yet" in client.get(address).content.decode()
    sent = {
        "name": "Desk",
        "means": "webhook",
        "address": receiver.address,
        "news": ["new"],
        "least_score": 0,
    }
    made = client.post(address, sent).content.decode()
    assert "whsec_" in made
    assert "whsec_" not in client.get(address).content.decode()
    assert client.post(address, sent).status_code == 422
    rule = TellingRule.objects.get()
    for decision in ("try", "stop", "start"):
        assert client.post(f"{address}{rule.pk}/", {"decision": decision}).status_code == 302
    assert send(Delivery.objects.get().pk)
    assert json.loads(receiver.got[0][1])["data"] == {"test": True}
    assert "a try-out" in client.get(address).content.decode()
    client.post(f"{address}{rule.pk}/", {"decision": "remove"})
    assert not TellingRule.objects.exists()
    assert client.post(f"{address}1/", {"decision": "burn"}).status_code == 404


def test_the_api_makes_and_removes_rules_for_those_who_may(
    receiver: Receiver, administrator: Person, agent: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(administrator)
    sent = {"name": "Desk", "means": "webhook", "address": receiver.address, "news": ["new", "grave"]}
    made = client.post("/api/telling", json.dumps(sent), "application/json")
    assert made.status_code == 201, made.content
    number = made.json()["rule"]["id"]
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in client.get("/api/telling").json()[0]
    assert client.post("/api/telling", json.dumps(sent), "application/json").status_code == 422
    stopped = client.put(f"/api/telling/{number}", json.dumps({"active": False}), "application/json")
    assert stopped.json()[0]["active"] is False
    assert client.get("/api/telling/deliveries").json() == []
    assert client.delete(f"/api/telling/{number}").json() == []
    assert client_of(agent).get("/api/telling").status_code == 403
    with pytest.raises(PermissionDenied):
        telling.remove_rule(actor_of(agent), number)
