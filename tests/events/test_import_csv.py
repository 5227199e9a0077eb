from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from file_reading import GOOD, HEADER, SHOP, read, shop, write, write_gzip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from towpath.events.envelope import EVENT_SCHEMA, case_key, subject_key
from towpath.events.importers.lines import MAX_LINE_BYTES


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    found = read(shop(tmp_path, GOOD), SHOP)
    (event,) = found.events
    assert event["time"] == datetime(2026, 5, 1, 8, tzinfo=UTC)
    assert (event["source"], event["type"], event["case"], event["seq"]) == ("shop", "pay", "o1", 0)
    assert (event["outcome"], event["latency_ms"], event["data"]) == ("ok", 1500.0, None)
    assert event["key"] == event["case_key"] == case_key("shop", "o1")
    assert found.chunks[0].batch.schema.equals(EVENT_SCHEMA)


def test_a_customer_has_a_key_of_their_own(tmp_path: Path) -> None:
    mapping = SHOP + "  identifier: {column: order, prefix: 'order:'}\n"
    (event,) = read(shop(tmp_path, GOOD), mapping).events
    assert event["identifier"] == "order:o1"
    assert event["key"] == subject_key("customer:order:o1")
    assert event["case_key"] == case_key("shop", "o1")


def test_what_no_field_takes_over_unchanged_is_kept_as_data(tmp_path: Path) -> None:
    mapping = (
        SHOP.replace("outcome: result", "outcome: {column: result, map: {fine: ok}}") + "missing: ['?']\n"
    )
    path = write(tmp_path, HEADER.strip() + ",shop,note\n" + GOOD.strip().replace("ok", "fine") + ",Nord,?\n")
    (event,) = read(path, mapping).events
    assert json.loads(event["data"]) == {"result": "fine", "shop": "Nord"}


def test_the_first_pick_that_gives_a_value_wins(tmp_path: Path) -> None:
    picks = "outcome: [{column: what, map: {declined: refused}, otherwise: null}, result]"
    rows = [GOOD, GOOD.replace("pay", "declined")]
    found = read(shop(tmp_path, *rows), SHOP.replace("outcome: result", picks))
    assert [event["outcome"] for event in found.events] == ["ok", "refused"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("2026-05-01 10:00", ""), "no time"),
        (GOOD.replace("2026-05-01 10:00", "yesterday"), "fits none of the formats iso, %d/%m/%Y %H:%M"),
        (GOOD.replace("2026-05-01", "2026-02-30"), "fits none of the formats"),
        (GOOD.replace("2026-05-01 10:00", "2026-03-29 02:30"), "never happened in Europe/Amsterdam"),
        (GOOD.replace("2026", "1970"), "lies before 1990-01-01"),
        (GOOD.replace("2026", "2035"), "lies in the future"),
        (GOOD.replace("pay", ""), "no type"),
        (GOOD.replace("1.5", "-1.5"), "latency_ms -1500.0 is negative"),
        (GOOD.replace("1.5", "NaN"), "latency_ms 'NaN' is not a number"),
        (GOOD.replace("1.5", "inf"), "latency_ms 'inf' is not a number"),
        (GOOD.replace("1.5", "1_5"), "latency_ms '1_5' is not a number"),
        (GOOD.replace(",ok", ",splendid"), "outcome 'splendid' is not one of ok, fault"),
        (GOOD.replace("o1", "o\0"), "NUL"),
        (GOOD.replace("o1", "o" * 3_000), "case has 3,000 characters"),
        (GOOD.replace("o1", "o" * 200_000), "field larger than field limit"),
        (GOOD.replace(",ok", ""), "the row has 4 values, the header has 5"),
        (GOOD.replace(",ok", ",ok,more"), "the row has 6 values, the header has 5"),
        (GOOD.replace("o1", '"o1'), "a quote is opened in this line"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_stay(
    tmp_path: Path, row: str, reason: str
) -> None:
    after = GOOD.replace("o1", "o9")
    found = read(shop(tmp_path, GOOD, row, after), SHOP)
    assert [event["case"] for event in found.events] == ["o1", "o9"]
    ((place, told),) = found.reasons
    assert (place, reason in told) == ("line 3", True), told
    assert json.loads(found.refused[0].raw)
    assert found.failure is None


def test_the_earliest_day_can_be_set(tmp_path: Path) -> None:
    mapping = SHOP.replace("times: {", "times: {earliest: 1960-01-01, ")
    assert len(read(shop(tmp_path, GOOD.replace("2026", "1970")), mapping).events) == 1


def test_mixed_offsets_and_formats_each_count_for_their_row(tmp_path: Path) -> None:
    times = ["2026-05-01T10:00:00+02:00", "2026-05-01T04:00:00-04:00", "1/5/2026 10:00", "2026-05-01T08:00Z"]
    found = read(shop(tmp_path, *(GOOD.replace("2026-05-01 10:00", each) for each in times)), SHOP)
    assert {event["time"] for event in found.events} == {datetime(2026, 5, 1, 8, tzinfo=UTC)}
    assert len(found.events) == 4


def test_a_quoted_line_end_belongs_to_its_row(tmp_path: Path) -> None:
    rows = [GOOD.replace("o1", '"o,""1""\nnext"'), GOOD.replace("pay", "")]
    found = read(shop(tmp_path, *rows), SHOP)
    assert [event["case"] for event in found.events] == ['o,"1"\nnext']
    assert found.refused[0].place == "line 4"


def test_a_stray_quote_costs_one_row_even_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    rows = [GOOD.replace("o1", f"o{at}") for at in range(9_000)]
    rows[100] = GOOD.replace("o1", '"o100')
    found = read(shop(tmp_path, *rows), SHOP)
    assert len(found.events) == 8_999
    assert [each.place for each in found.refused] == ["line 102"]


def test_a_last_line_without_end_is_read(tmp_path: Path) -> None:
    assert len(read(shop(tmp_path, GOOD, GOOD.strip()), SHOP).events) == 2


def test_an_endless_line_is_refused_and_does_not_fill_the_memory(tmp_path: Path) -> None:
    found = read(shop(tmp_path, GOOD, "x" * (MAX_LINE_BYTES + 600_000) + "\n", GOOD), SHOP)
    assert len(found.events) == 2
    assert found.reasons == [
        ("line 3", f"the line is longer than {MAX_LINE_BYTES:,} bytes; are the line ends missing?")
    ]
    assert len(found.refused[0].raw) < 5_000


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_the_text(tmp_path: Path) -> None:
    text = "\ufeff" + HEADER.replace("\n", "\r\n") + GOOD.replace("\n", "\r\n")
    (event,) = read(write(tmp_path, text), SHOP).events
    assert event["outcome"] == "ok"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8"])
def test_the_encoding_of_the_mapping_is_used(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, (HEADER + GOOD.replace("o1", "café")).encode(encoding))
    (event,) = read(path, SHOP + f"csv: {{encoding: {encoding}}}\n").events
    assert event["case"] == "café"


def test_a_line_that_is_not_text_is_refused_with_its_place(tmp_path: Path) -> None:
    path = write(
        tmp_path, (HEADER + GOOD).encode() + GOOD.replace("o1", "café").encode("cp1252") + GOOD.encode()
    )
    found = read(path, SHOP)
    assert len(found.events) == 2
    ((place, reason),) = found.reasons
    assert place == "line 3"
    assert "byte 0xe9 at place 25 is not utf-8. Set csv.encoding" in reason


def test_many_lines_that_are_not_text_mean_a_wrong_encoding(tmp_path: Path) -> None:
    rows = GOOD.encode() * 3 + GOOD.replace("o1", "café").encode("cp1252") * 100
    found = read(write(tmp_path, HEADER.encode() + rows), SHOP)
    assert len(found.events) == 3
    assert found.failure is not None
    assert "data.csv, line 25: The encoding is wrong" in str(found.failure)
    assert "csv.encoding" in found.failure.remedy


def test_utf_16_read_as_utf_8_is_told_as_such(tmp_path: Path) -> None:
    found = read(write(tmp_path, (HEADER + GOOD).encode("utf-16-le")), SHOP)
    assert "Set csv.encoding: utf-16" in str(found.failure)


def test_a_missing_column_is_told_with_the_header_line(tmp_path: Path) -> None:
    found = read(write(tmp_path, "\n" + HEADER.replace("order", "orders") + GOOD), SHOP)
    assert str(found.failure).startswith(
        "data.csv, line 2: The column 'order' is missing. Did you mean 'orders'?"
    )
    found = read(write(tmp_path, (HEADER + GOOD).replace(",", ";")), SHOP)
    assert "is csv.delimiter right?" in str(found.failure)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    found = read(write(tmp_path, HEADER.replace("result", "at") + GOOD), SHOP)
    assert "Two columns are called 'at'" in str(found.failure)


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    assert "data.csv: The file is empty." in str(read(write(tmp_path, ""), SHOP).failure)
    assert "The file has no rows" in str(read(write(tmp_path, "\n\n"), SHOP).failure)
    assert "cannot be opened (No such file" in str(read(tmp_path / "none.csv", SHOP).failure)


def test_a_header_alone_is_a_file_without_events(tmp_path: Path) -> None:
    found = read(shop(tmp_path), SHOP)
    assert (found.events, found.refused, found.failure) == ([], [], None)


def test_gzip_is_read_as_it_is(tmp_path: Path) -> None:
    found = read(write_gzip(tmp_path, HEADER + GOOD), SHOP)
    assert len(found.events) == 1
    assert found.chunks[-1].bytes_read == found.chunks[-1].bytes_total


def _varied(count: int) -> str:
    return HEADER + "".join(GOOD.replace("o1", f"o{at * 7919 % 100_003}") for at in range(count))


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.999])
def test_a_gzip_that_was_cut_off_keeps_its_whole_lines(tmp_path: Path, keep: float) -> None:
    whole = read(write_gzip(tmp_path, _varied(8_000)), SHOP)
    path = tmp_path / "data.csv.gz"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    found = read(path, SHOP)
    assert 0 < len(found.events) < 8_001
    assert found.ids == whole.ids[: len(found.ids)]
    assert not found.refused
    assert found.failure is not None
    assert found.failure.line == len(found.events) + 2
    assert "it was cut off" in str(found.failure)


def test_a_damaged_gzip_is_told_after_what_was_good(tmp_path: Path) -> None:
    path = write_gzip(tmp_path, _varied(8_000))
    data = bytearray(path.read_bytes())
    data[-6] ^= 0xFF
    path.write_bytes(data)
    found = read(path, SHOP)
    assert len(found.events) == 8_000
    assert "damaged" in str(found.failure)
    path.write_bytes(data + b"more bytes that are no gzip")
    assert read(path, SHOP).failure is not None


_cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_cells, _cells), max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path: Path, cells: list[tuple[str, str]], delimiter: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([("at", "what", "left", "right"), *(("2026-05-01", "x", *pair) for pair in cells)])
    mapping = "source: s\nformat: csv\nmissing: []\nevents: {time: at, type: what}\n"
    shown = delimiter.replace("\t", "\\t")
    found = read(write(tmp_path, text.getvalue()), mapping + f"csv: {{delimiter: '{shown}'}}\n")
    assert (found.refused, found.failure) == ([], None)
    kept = [json.loads(event["data"]) for event in found.events]
    assert [(each["left"], each["right"]) for each in kept] == cells
