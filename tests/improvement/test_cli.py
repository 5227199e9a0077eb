"""`towpath findings` and `towpath finding`: the same records as the API's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from findings import put

from towpath.foundation.people.models import Person
from towpath.improvement.models import Finding
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
NAMES = ["key", "journey", "step", "kinds", "where", "met", "beyond", "beyond_low", "beyond_high",
         "ruined_days_per_week", "cost_per_week", "since", "cause", "level", "first_step",
         "estate"]  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_home: Path) -> None:
    """Commands ask which home is theirs."""


def test_json_is_a_list_of_exactly_these_names_by_rank(
    capsys: pytest.CaptureFixture[str], key_with: object
) -> None:
    put("component=ledger", score=10.0)
    put(score=900.0)
    put("device=Android", state="declined")
    put("channel=phone", seen=False)
    assert run(["findings", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [list(record) for record in told] == [NAMES, NAMES]
    assert told[0]["key"] == "pay-a-bill/card/fault/change=app 4.12.0"
    assert (told[0]["cost_per_week"], told[0]["since"], told[0]["cause"]) == (41_200.0, "2024-03-13", None)
    secret = key_with(["findings:read"])  # type: ignore[operator]
    answer = Client().get("/api/findings", headers={"Authorization": f"Bearer {secret}"})
    assert json.loads(answer.content) == told


def test_without_json_it_reads_like_home(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["findings"]) == 0
    assert "Nothing stands out" in capsys.readouterr().out
    row = put()
    assert run(["findings"]) == 0
    said = capsys.readouterr().out
    assert f"1. {row.digest}  “Pay by card” fails in app 4.12.0  [open]" in said
    assert "2,050 ruined days a week, 1,980 customers, €41,200 a week, since 13 Mar 2024" in said


def test_a_finding_is_accepted_mended_declined_and_reopened(capsys: pytest.CaptureFixture[str]) -> None:
    row = put()
    for words in (
        ["accept", row.digest, "--owner", "Ann", "--next-step", "Hold it", "--due", "2030-01-01"],
        ["mend", row.digest, "--note", "On hold since noon"],
        ["decline", row.digest, "--because", "It is replaced.", "--review-on", "2030-02-01"],
        ["reopen", row.digest],
    ):
        assert run(["finding", *words]) == 0
    assert run(["finding", "show", row.digest]) == 0
    said = capsys.readouterr().out
    assert "On hold since noon" in said
    assert "1,980 more than would have been (1,820 to 2,140)" in said
    assert run(["finding", "show", row.digest, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "open"


def test_what_cannot_be_done_ends_with_2_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    row = put()
    assert run(["finding", "mend", row.digest]) == 2
    assert "“open”" in capsys.readouterr().err
    assert run(["finding", "mend", "0123"]) == 2
    late = ["finding", "decline", row.digest, "--because", "No", "--review-on", "2001-01-01"]
    assert run(late) == 2
    assert "a day to come" in capsys.readouterr().err
    assert Finding.objects.get().state == "open"


def test_the_api_speaks_of_states_and_fields(service_manager: Person, client_of: object) -> None:
    row = put()
    client: Client = client_of(service_manager)  # type: ignore[operator]

    def post(verb: str, **sent: object) -> tuple[int, dict[str, object]]:
        answer = client.post(f"/api/findings/{row.digest}/{verb}", json.dumps(sent), "application/json")
        return answer.status_code, json.loads(answer.content)

    assert post("mend")[0] == 409
    assert post("decline", because="No", review_on="2001-01-01")[0] == 422
    status, told = post("accept", owner="Ann", next_step="Hold it", due="2030-01-01")
    assert (status, told["state"], told["may"]) == (200, "accepted", ["accept", "mend", "decline", "reopen"])
    assert post("mend", note="Begun")[1]["state"] == "mending"
    assert post("reopen")[1]["state"] == "open"
    assert client.get("/api/findings/0123").status_code == 404
