"""The examples' mappings over the real files that they are written for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
from file_reading import NOW, real

from towpath.events.importers import open_importer
from towpath.events.mapping_text import load_mapping

EXAMPLES = Path(__file__).parents[2] / "examples"


def table(example: str, file: str) -> pa.Table:
    path = EXAMPLES / example / "mapping.yaml"
    mapping = load_mapping(path.read_text(encoding="utf-8"), str(path.name))
    chunks = list(open_importer(real(file), mapping, now=NOW))
    assert [chunk.refused for chunk in chunks if chunk.refused] == []
    assert chunks[-1].bytes_read == chunks[-1].bytes_total
    return pa.Table.from_batches([chunk.batch for chunk in chunks])


def test_every_event_of_the_loan_log_comes_in() -> None:
    found = table("loan-applications", "bpic2012-loans/bpic2012.xes.gz")
    assert len(found) == 262_200
    assert len(found["id"].unique()) == 262_200
    assert len(found["case"].unique()) == 13_087
    types = Counter(found["type"].to_pylist())
    assert (types["A_SUBMITTED"], types["A_DECLINED"], types["A_ACTIVATED"]) == (13_087, 7_635, 2_246)
    outcomes = Counter(found["outcome"].to_pylist())
    assert (outcomes["refused"], outcomes["abandoned"]) == (types["A_DECLINED"], types["A_CANCELLED"])
    assert found["value"].null_count == 0
    assert found["key"].equals(found["case_key"])


def test_every_event_of_the_service_desk_comes_in() -> None:
    found = table("servicenow-incidents", "uci-servicenow-incidents/incident_event_log.csv.gz")
    assert len(found) == 141_712
    assert len(found["id"].unique()) == 141_712
    assert len(found["case"].unique()) == 24_918
    assert Counter(found["type"].to_pylist())["-100"] == 5
    assert "?" not in set(found["component"].to_pylist())
