from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.events.times import FormatError, compile_format, parse_times


def instant(text: str, form: str = "iso", zone: str = "UTC") -> datetime | str:
    found = parse_times(pa.array([text]), (form,), zone)
    if found.unreal[0]:
        return "never happened"
    if not found.known[0]:
        return "unknown"
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(found.micros[0]))


def _naive(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("2011-10-01T00:38:44.546+02:00", "iso", datetime(2011, 9, 30, 22, 38, 44, 546_000, UTC)),
        ("2011-10-01 00:38:44,5", "iso", datetime(2011, 10, 1, 0, 38, 44, 500_000, UTC)),
        ("2011-10-01T00:38Z", "iso", datetime(2011, 10, 1, 0, 38, tzinfo=UTC)),
        ("2011-10-01T00:38:44.123456789-0330", "iso", datetime(2011, 10, 1, 4, 8, 44, 123_456, UTC)),
        ("2011-10-01", "iso", datetime(2011, 10, 1, tzinfo=UTC)),
        ("29/2/2016 01:16", "%d/%m/%Y %H:%M", datetime(2016, 2, 29, 1, 16, tzinfo=UTC)),
        ("2/29/16 12:05 AM", "%m/%d/%y %I:%M %p", datetime(2016, 2, 29, 0, 5, tzinfo=UTC)),
        ("2/29/16 12:05 pm", "%m/%d/%y %I:%M %p", datetime(2016, 2, 29, 12, 5, tzinfo=UTC)),
        ("01 Mai 2016", "%d %b %Y", "unknown"),
        ("1 September 2016 7:00:01", "%d %B %Y %H:%M:%S", datetime(2016, 9, 1, 7, 0, 1, tzinfo=UTC)),
        (
            "10/Oct/2000:13:55:36 -0700",
            "%d/%b/%Y:%H:%M:%S %z",
            datetime(2000, 10, 10, 20, 55, 36, tzinfo=UTC),
        ),
        ("1317422324.5", "epoch_s", datetime(2011, 9, 30, 22, 38, 44, 500_000, UTC)),
        ("1317422324546", "epoch_ms", datetime(2011, 9, 30, 22, 38, 44, 546_000, UTC)),
        ("99999999999999999", "epoch_s", "unknown"),
        ("31/02/2016 01:16", "%d/%m/%Y %H:%M", "unknown"),
        ("2015-02-29", "iso", "unknown"),
        ("2015-13-01", "iso", "unknown"),
        ("2015-01-01T24:00:00", "iso", "unknown"),
        ("2015-01-01T10:00:60", "iso", "unknown"),
        ("2015-01-01T10:00:00+99:00", "iso", "unknown"),
        ("2015-01-01T10:00:00 and more", "iso", "unknown"),
    ],
)
def test_a_format_reads_its_texts_and_no_others(text: str, form: str, moment: datetime | str) -> None:
    assert instant(text, form) == moment


def test_the_repeated_hour_of_autumn_is_taken_as_the_first() -> None:
    assert instant("2021-10-31 02:30", zone="Europe/Amsterdam") == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


def test_the_missing_hour_of_spring_never_happened() -> None:
    assert instant("2021-03-28 02:30", zone="Europe/Amsterdam") == "never happened"
    assert instant("2021-03-28 03:00", zone="Europe/Amsterdam") == datetime(2021, 3, 28, 1, tzinfo=UTC)


def test_each_row_keeps_its_own_offset() -> None:
    texts = ["2021-07-01T12:00+02:00", "2021-07-01T12:00-05:00", "2021-07-01T12:00"]
    found = parse_times(pa.array(texts), ("iso",), "Europe/Amsterdam")
    assert (found.micros // 3_600_000_000 % 24).tolist() == [10, 17, 10]


@pytest.mark.parametrize(
    "form", ["%H:%M", "%Y-%m", "%Y %y %m %d", "%d/%m/%Y %I:%M", "%d %d %m %Y", "%d/%m/%Y %"]
)
def test_a_format_that_cannot_be_right_is_refused(form: str) -> None:
    with pytest.raises(FormatError):
        compile_format(form)


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(_naive(1900), _naive(2037)),
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_local_times_agree_with_the_standard_library(moment: datetime, zone: str) -> None:
    local = moment.replace(tzinfo=ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected = "never happened" if back != moment else local.astimezone(UTC)
    assert instant(moment.isoformat(" "), zone=zone) == expected


@settings(max_examples=50, deadline=None)
@given(
    st.datetimes(
        _naive(2),
        _naive(9999),
        timezones=st.integers(-1080, 1080).map(lambda minutes: timezone(timedelta(minutes=minutes))),
    )
)
def test_iso_texts_agree_with_the_standard_library(moment: datetime) -> None:
    assert instant(moment.isoformat()) == moment
