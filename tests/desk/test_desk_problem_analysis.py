"""Problem analysis: what the history proposes, how causes stand their tests, and its doors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from test_desk_flow_pages import put_in

from towpath.desk.actions.problems import save_analysis
from towpath.desk.commands import COMMANDS
from towpath.desk.following import refresh
from towpath.desk.models import Desk, ProblemAnalysis
from towpath.desk.queries.problems import problem_analysis
from towpath.desk.rules.problem_analysis import (
    TESTS,
    Analysis,
    Cause,
    Pair,
    most_probable,
    problems,
    standings,
)
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
MAPPING = """
source: acme
format: csv
events: {time: at, type: state, ticket: number, case: number, team: team, identifier: caller, component: item}
data: rest
desk:
  states: {working: [Doing], resolved: [Done]}
  topic: data.topic
  title: data.title
  parent: data.problem
"""
ROWS = """at,number,state,team,caller,item,topic,problem,title
2026-01-05T08:00:00Z,P1,Doing,Problems,desk,,sign in,,Sign in fails
2026-01-05T09:00:00Z,T1,Doing,Front,anna,directory,sign in,P1,cannot sign in
2026-01-05T10:00:00Z,T2,Doing,Front,bert,directory,sign in,P1,locked out
2026-01-05T11:00:00Z,T3,Doing,Front,cleo,portal,sign in,P1,no way in
2026-01-05T09:30:00Z,T4,Doing,Back,dora,ledger,bill,,wrong bill
2026-01-09T09:30:00Z,T5,Doing,Back,dora,printer,print,,later
"""
PAIRS = (Pair("what", "sign in", "bill"), Pair("when", "since Monday", "before"))


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    put_in(tmp_path, MAPPING, ROWS)
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def test_what_is_and_is_not_is_proposed_from_the_tickets_bound_to_it(acme: Desk) -> None:
    found = problem_analysis(OPERATOR, "acme", "P1")
    assert (found.proposed, found.tickets, found.title) == (True, 3, "Sign in fails")
    told = [(pair.dimension, pair.is_, pair.is_not) for pair in found.analysis.pairs]
    assert told == [
        ("what", "sign in (4)", "bill (1)"),
        ("where", "directory (2), portal (1)", "ledger (1)"),
        ("where", "Front (3), Problems (1)", "Back (1)"),
        ("when", "From 2026-01-05 08:00 to 2026-01-05 11:00 (UTC)", "Before 2026-01-05 08:00"),
        ("extent", "Tickets: 4, customers: 4", "Other tickets of the same days: 1"),
    ]


def test_the_cause_that_stands_every_test_with_fewest_assumptions_is_most_probable() -> None:
    causes = (
        Cause("pool too small", ("assumes", "explains")),
        Cause("new certificate", ("explains", "explains")),
        Cause("network", ("explains", "fails")),
        Cause("unknown", ("explains",)),
    )
    found = Analysis(pairs=PAIRS, causes=causes)
    assert [(at.place, at.fails, at.assumes, at.untested) for at in standings(found)] == [
        (1, 0, 0, 0),
        (3, 0, 0, 1),
        (0, 0, 1, 0),
        (2, 1, 0, 0),
    ]
    assert most_probable(found) is None, "the one that is not tested to its end may stand as well"
    assert most_probable(Analysis(pairs=PAIRS, causes=causes[:3])) == 1
    assert most_probable(Analysis(pairs=PAIRS, causes=(causes[1], causes[1]))) is None
    assert most_probable(Analysis(pairs=PAIRS, causes=(causes[2],))) is None
    assert most_probable(Analysis(causes=(Cause("anything"),))) is None


TESTED = st.builds(Cause, st.just("x"), st.tuples(st.sampled_from(TESTS), st.sampled_from(TESTS)))


@given(st.lists(TESTED, max_size=5))
def test_a_most_probable_cause_fails_nowhere_and_no_other_is_as_good(causes: list[Cause]) -> None:
    found = most_probable(Analysis(pairs=PAIRS, causes=tuple(causes)))
    clean = [cause.tests.count("assumes") for cause in causes if "fails" not in cause.tests]
    if found is None:
        return
    chosen = causes[found].tests
    assert "fails" not in chosen
    assert "" not in chosen
    assert clean.count(chosen.count("assumes")) == 1
    assert min(clean) == chosen.count("assumes")


@pytest.mark.parametrize(
    ("analysis", "place"),
    [
        (Analysis(deviation="x" * 2_001), "deviation"),
        (Analysis(pairs=(Pair("what", "x" * 2_001),)), "pairs[0]"),
        (Analysis(pairs=(Pair("what", "x"),) * 13), "pairs"),
        (Analysis(causes=(Cause("x"),) * 7), "causes"),
        (Analysis(causes=(Cause(" "),)), "causes[0].text"),
        (Analysis(causes=(Cause("x", ("fails",)),)), "causes[0].tests"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(acme: Desk, analysis: Analysis, place: str) -> None:
    assert problems(analysis) == [place]
    with pytest.raises(ValidationError, match="Too much"):
        save_analysis(OPERATOR, "acme", "P1", analysis)
    assert not ProblemAnalysis.objects.exists()


def test_every_version_is_kept_and_the_audit_log_counts_them(acme: Desk) -> None:
    save_analysis(OPERATOR, "acme", "P1", Analysis("Nobody can sign in", PAIRS))
    save_analysis(OPERATOR, "acme", "P1", Analysis("Nobody can sign in since Monday", PAIRS))
    shown = problem_analysis(OPERATOR, "acme", "P1")
    assert (shown.proposed, shown.analysis.deviation) == (False, "Nobody can sign in since Monday")
    kept = ProblemAnalysis.objects.order_by("version").values_list("version", "body__deviation")
    assert list(kept) == [(1, "Nobody can sign in"), (2, "Nobody can sign in since Monday")]
    entry = AuditEntry.objects.filter(verb="problem.analysed").latest("pk")
    assert (entry.before, entry.after) == ({"version": 1}, {"version": 2, "pairs": 2, "causes": 0})
    with pytest.raises(Http404):
        save_analysis(OPERATOR, "acme", "P9", Analysis())
    with pytest.raises(PermissionDenied):
        save_analysis(ANONYMOUS, "acme", "P1", Analysis())


def test_the_form_saves_what_it_shows(acme: Desk, client_of: ClientOf, service_manager: Person) -> None:
    manager = client_of(service_manager)
    assert "Nobody saved it yet" in manager.get("/desk/acme/analysis/P1/").content.decode()
    sent = {
        "deviation": "<b>none</b>",
        "dimension-0": "what", "is-0": "sign in", "is-not-0": "bill",
        "dimension-3": "when", "is-3": "since Monday", "change-3": "new certificate",
        "dimension-4": "nowhere",
        "cause-1": "the certificate", "test-1-0": "explains", "test-1-3": "nonsense",
    }  # fmt: skip
    page = manager.post("/desk/acme/save-analysis/P1/", sent, follow=True).content.decode()
    assert "&lt;b&gt;none" in page
    kept = problem_analysis(OPERATOR, "acme", "P1").analysis
    assert [(pair.dimension, pair.is_) for pair in kept.pairs] == [
        ("what", "sign in"),
        ("when", "since Monday"),
    ]
    assert kept.causes == (Cause("the certificate", ("explains", "")),)
    long = manager.post("/desk/acme/save-analysis/P1/", {"deviation": "x" * 2_001})
    assert long.status_code == 422
    assert manager.post("/desk/acme/save-analysis/P9/", {}).status_code == 404


def test_readers_read(acme: Desk, client_of: ClientOf, agent: Person) -> None:
    theirs = client_of(agent)
    assert "Save, and see" not in theirs.get("/desk/acme/analysis/P1/").content.decode()
    assert theirs.post("/desk/acme/save-analysis/P1/", {}).status_code == 403


def test_api_and_command_show_the_same_and_refuse_the_same(
    acme: Desk, client_of: ClientOf, service_manager: Person
) -> None:
    manager = client_of(service_manager)

    def put(sent: dict[str, Any]) -> Any:
        return manager.put("/api/desks/acme/analyses/P1", json.dumps(sent), content_type="application/json")

    pair = {"dimension": "what", "is": "sign in", "is_not": "bill"}
    cause = {"text": "the certificate", "tests": ["explains"]}
    saved = put({"deviation": "x", "pairs": [pair], "causes": [cause]})
    assert saved.status_code == 200
    assert saved.json()["most_probable"] == 0
    done = CliRunner().invoke(COMMANDS[0], ["analysis", "P1", "--json"], standalone_mode=False)
    assert json.loads(done.output) == saved.json() == manager.get("/api/desks/acme/analyses/P1").json()
    assert put({"pairs": [{**pair, "dimension": "who"}]}).status_code == 422
    assert put({"causes": [{"text": "x", "tests": ["fails"]}]}).status_code == 422
    assert manager.get("/api/desks/acme/analyses/P9").status_code == 404
