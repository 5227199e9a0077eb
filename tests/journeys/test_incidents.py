"""The incidents of a ServiceNow desk: a flow of states from a mapping alone, against the log itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker
from real_logs import ROOT, Case, data, edges, incidents, variants

from towpath.events.importers import open_importer
from towpath.events.lake import Staging
from towpath.events.mapping_text import load_mapping
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import home
from towpath.journeys.measures.choosing import Choice
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries import paths
from towpath.journeys.queries.people import people

pytestmark = pytest.mark.django_db
SOURCE = "servicenow-incidents"
FILE = ("uci-servicenow-incidents", "incident_event_log.csv.gz")


@pytest.fixture(scope="module")
def log() -> dict[str, Case]:
    return incidents(data(*FILE))


@pytest.fixture(scope="module", autouse=True)
def desk(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A home whose lake holds the log."""
    text = (ROOT / "examples/servicenow-incidents/mapping.yaml").read_text(encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOWPATH_HOME", str(tmp_path_factory.mktemp("desk")))
        home().prepare()
        staging = Staging(home().staging, "incidents")
        for chunk in open_importer(data(*FILE), load_mapping(text, "mapping.yaml"), resume_from=None):
            staging.append(chunk.batch)
        staging.checkpoint({})
        with django_db_blocker.unblock():
            lake().absorb(staging)
        yield


def test_the_flow_of_states_agrees_with_the_log(log: dict[str, Case]) -> None:
    shown = paths.flow(OPERATOR, SOURCE, Selection())
    wanted = edges(log.values())
    assert {(edge.from_, edge.to): edge.count for edge in shown.edges} == {
        pair: count for pair, (count, _seconds) in wanted.items()
    }
    for edge in shown.edges:
        assert edge.median_seconds is not None
        assert math.isclose(edge.median_seconds, wanted[edge.from_, edge.to][1], abs_tol=1e-5)
    assert "-100" in {edge.to for edge in shown.edges}


def test_variants_agree_and_open_down_to_the_incidents(log: dict[str, Case]) -> None:
    spelt = variants(log.values())
    found = paths.variants(OPERATOR, SOURCE, Selection(), top=20)
    assert (found.cases, found.distinct) == (24_918, len(spelt))
    assert all(spelt[each.steps] == each.count for each in found.variants)
    assert [each.count for each in found.variants] == [count for _each, count in spelt.most_common(20)]
    rarest = min(found.variants, key=lambda each: each.count)
    shown = people(OPERATOR, SOURCE, Selection(), Choice(variant=rarest.steps), limit=1_000)
    wanted = {name for name, case in log.items() if tuple(event[2] for event in case) == rarest.steps}
    assert (shown.total, {each.name for each in shown.travellers}) == (rarest.count, wanted)
