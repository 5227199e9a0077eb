from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_reading import LINES, read, write

from towpath.events.mapping import CLOUDEVENTS

ROW = '{"at": "2026-05-01T10:00:00Z", "what": "pay"}\n'
BIG = 123456789012345678901234567890
TABLE = LINES.replace("jsonl", "parquet")


def test_what_is_not_text_in_json_becomes_text_or_stays_data(tmp_path: Path) -> None:
    row = '{"at": 1777629600, "what": 7, "ok": true, "tags": ["a", {"b": null}], "none": null}'
    row = row.removesuffix("}") + f', "big": {BIG}}}'
    found = read(write(tmp_path, row), LINES + "times: {formats: [epoch_s]}\n")
    (event,) = found.events
    assert (event["time"], event["type"]) == (datetime(2026, 5, 1, 10, tzinfo=UTC), "7")
    assert json.loads(event["data"]) == {
        "ok": True,
        "tags": ["a", {"b": None}],
        "big": BIG,
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ROW[:20] + "\n", "this is not JSON"),
        ('["at"]\n', "not an object"),
        (ROW.replace("pay", "p\\u0000y"), "NUL"),
        (ROW.replace("pay", "\0"), "this is not JSON"),
        (ROW.replace("pay", "\\ud800"), "this is not JSON"),
        ('{"at": 1e999, "what": "x"}\n', "this is not JSON"),
        ('{"at": NaN, "what": "x"}\n', "this is not JSON"),
        ('{"at": ' + "[" * 5_000 + "]" * 5_000 + "}\n", "this is not JSON"),
        (ROW.replace("pay", '","note":"' + "x" * 1_100_000), "at most 1,000,000 are taken"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, reason: str) -> None:
    found = read(write(tmp_path, ROW + "\n" + line + ROW.strip()), LINES)
    assert len(found.events) == 2
    ((place, told),) = found.reasons
    assert (place, reason in told) == ("line 3", True), told


def test_a_line_that_is_not_utf_8_is_refused_with_its_byte(tmp_path: Path) -> None:
    found = read(write(tmp_path, ROW.encode() + ROW.replace("pay", "é").encode("cp1252")), LINES)
    assert found.reasons == [("line 2", "byte 0xe9 at place 41 is not UTF-8")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" + ROW + "]", "line 1: It begins with [: this is one JSON array"),
        ("at,what\n" * 30, "line 20: None of the first 20 lines is a JSON object"),
        (ROW.encode("utf-16"), "line 1: The text holds NUL bytes; it looks like UTF-16"),
        (gzip.compress(ROW.encode() * 50, mtime=0)[:-9], "it was cut off"),
    ],
)
def test_what_is_no_json_lines_is_told(tmp_path: Path, text: str | bytes, told: str) -> None:
    assert told in str(read(write(tmp_path, text), LINES).failure)


def test_cloudevents_need_no_mapping(tmp_path: Path) -> None:
    event = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/shop",
        "type": "order.paid",
        "time": "2026-05-01T10:00:00.5+02:00",
        "subject": "customer:7",
        "case": "o1",
        "latencyms": 12.5,
        "outcome": "ok",
        "data": {"basket": [1, 2]},
    }
    rows = [
        event,
        event,
        {**event, "source": "/desk"},
        {**event, "type": "order.lost"},
        {**event, "id": None},
    ]
    found = read(write(tmp_path, "\n".join(json.dumps(row) for row in rows)), CLOUDEVENTS)
    assert [(each["source"], each["id"]) for each in found.events] == [("/shop", "e1"), ("/desk", "e1")]
    first = found.events[0]
    assert (first["identifier"], first["case"], first["latency_ms"]) == ("customer:7", "o1", 12.5)
    assert json.loads(first["data"]) == {"basket": [1, 2]}
    assert sum(chunk.repeated for chunk in found.chunks) == 1
    assert found.reasons == [
        ("line 4", "id used twice with different content; the first row keeps it"),
        ("line 5", "no id"),
    ]


def _parquet(folder: Path, **columns: pa.Array) -> Path:
    path = folder / "data.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def test_every_kind_of_parquet_column_is_understood(tmp_path: Path) -> None:
    moment = datetime(2026, 5, 1, 10, tzinfo=UTC)
    path = _parquet(
        tmp_path,
        at=pa.array([moment, moment], pa.timestamp("ns", tz="Europe/Amsterdam")),
        what=pa.array(["pay", "pay"]).dictionary_encode(),
        price=pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        share=pa.array([0.5, float("nan")]),
        parts=pa.array([[{"day": date(2026, 5, 1)}], []]),
        raw=pa.array([b"\x00\xff", None]),
        local=pa.array([datetime(2026, 5, 1, 9), None], pa.timestamp("us")),  # noqa: DTZ001 (the column has no zone)
    )
    first, second = read(path, TABLE).events
    assert first["time"] == second["time"] == moment
    assert json.loads(first["data"]) == {
        "price": "1.50",
        "share": 0.5,
        "parts": [{"day": "2026-05-01"}],
        "raw": "AP8=",
        "local": "2026-05-01 09:00:00.000000",
    }
    assert json.loads(second["data"]) == {"share": "nan", "parts": []}


def test_a_bad_parquet_row_is_refused_with_its_number(tmp_path: Path) -> None:
    path = _parquet(tmp_path, at=pa.array(["2026-05-01", None, "2026-05-02"]), what=pa.array(["a", "b", "c"]))
    found = read(path, TABLE, chunk_rows=2)
    assert [each["type"] for each in found.events] == ["a", "c"]
    assert found.reasons == [("row 2", "no time")]


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    path = _parquet(tmp_path, at=pa.array(["2026-05-01"]), what=pa.array(["a"]))
    assert "The column 'when' is missing" in str(read(path, TABLE.replace("time: at", "time: when")).failure)
    path.write_bytes(path.read_bytes()[:-20])
    assert "data.parquet: The Parquet file cannot be read after row 0" in str(read(path, TABLE).failure)
