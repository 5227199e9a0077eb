"""Business calendars against published values and a count minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from desk_clocks import HOUR_US, OFFICE, at, minute_by_minute
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.rules.calendars import (
    DAY_MINUTES,
    MINUTE_US,
    Calendar,
    CalendarError,
    Minutes,
    calendar_of,
)

ZONES = ("Europe/Stockholm", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata")
"""Lord Howe's clock changes by half an hour; until 2011 that of St John's changed at one minute past
midnight, so that the evening before came again."""
NIGHTS = [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2010, 11, 7), datetime(2010, 3, 14)]  # noqa: DTZ001


def stockholm(holidays: tuple[date, ...] = ()) -> Calendar:
    return calendar_of("Europe/Stockholm", OFFICE, holidays)


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, list[Minutes]]:
    week: dict[int, list[Minutes]] = {}
    for day in range(7):
        marks = draw(st.lists(st.integers(0, DAY_MINUTES), max_size=6, unique=True))
        marks = sorted(marks[: len(marks) // 2 * 2])
        week[day] = list(zip(marks[::2], marks[1::2], strict=True))
    if not any(week.values()):
        week[2] = [(0, 30)]
    return week


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(ZONES))
    near = [night.date() + timedelta(days=day) for night in NIGHTS for day in (-1, 0, 1)]
    return calendar_of(zone, draw(weeks()), draw(st.lists(st.sampled_from(near), max_size=3)))


@st.composite
def stretches(draw: st.DrawFn) -> tuple[int, int]:
    """Some days around a change of the clock, in whole minutes."""
    begin = draw(st.sampled_from(NIGHTS)).replace(tzinfo=UTC) + timedelta(
        minutes=draw(st.integers(-3000, 1500))
    )
    low = round(begin.timestamp()) * 1_000_000
    return low, low + draw(st.integers(0, 4000)) * MINUTE_US


@given(calendars(), stretches())
@settings(max_examples=60, deadline=None)
def test_counted_time_is_that_of_a_count_minute_by_minute(
    calendar: Calendar, stretch: tuple[int, int]
) -> None:
    begin, end = stretch
    expected = minute_by_minute(calendar, begin, end)
    assert calendar.counted(begin, end) == len(expected) * MINUTE_US
    spans = list(calendar.spans(begin, end))
    assert [each for low, high in spans for each in range(low, high, MINUTE_US)] == expected
    assert all(first[1] < second[0] for first, second in pairwise(spans))


@given(calendars(), stretches(), st.integers(1, 20_000))
@settings(max_examples=60, deadline=None)
def test_the_due_time_is_the_first_instant_by_which_the_target_has_counted(
    calendar: Calendar, stretch: tuple[int, int], minutes: int
) -> None:
    begin, target = stretch[0], minutes * MINUTE_US
    due = calendar.due(begin, target)
    assert due is not None
    assert calendar.counted(begin, due) == target
    assert calendar.counted(begin, due - 1) == target - 1


@given(calendars(), stretches(), st.integers(0, 4000))
@settings(max_examples=40, deadline=None)
def test_counted_time_adds_up_and_what_rests_fills_the_remainder(
    calendar: Calendar, stretch: tuple[int, int], minutes: int
) -> None:
    begin, end = stretch
    middle = min(begin + minutes * MINUTE_US, end)
    assert calendar.counted(begin, end) == calendar.counted(begin, middle) + calendar.counted(middle, end)
    parts = [*calendar.spans(begin, end), *((low, high) for low, high, _why in calendar.rests(begin, end))]
    parts.sort()
    assert sum(high - low for low, high in parts) == end - begin
    assert all(first[1] == second[0] for first, second in pairwise(parts))


# Published reference values `sla_clock`.
def test_eight_hours_over_the_weekend_of_the_spring_change() -> None:
    begin = at("2026-03-27T14:30:00+00:00")
    assert stockholm().due(begin, 8 * HOUR_US) == at("2026-03-30T14:30:00+00:00")


def test_a_holiday_puts_it_off_by_a_day() -> None:
    monday_off = stockholm((date(2026, 3, 30),))
    assert monday_off.due(at("2026-03-27T14:30:00+00:00"), 8 * HOUR_US) == at("2026-03-31T14:30:00+00:00")


def test_a_night_shift_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    nights = calendar_of("Europe/Stockholm", {day: [(0, 360)] for day in range(7)})
    zone = "Europe/Stockholm"
    spring = nights.counted(at("2026-03-29T00:00", zone), at("2026-03-30T00:00", zone))
    autumn = nights.counted(at("2026-10-25T00:00", zone), at("2026-10-26T00:00", zone))
    assert (spring, autumn) == (300 * MINUTE_US, 420 * MINUTE_US)


def test_around_the_clock_a_day_is_twenty_four_hours_whatever_the_clock_shows() -> None:
    always = calendar_of("Europe/Stockholm", {day: [(0, DAY_MINUTES)] for day in range(7)})
    begin = at("2026-03-28T12:00", "Europe/Stockholm")
    assert always.due(begin, 24 * HOUR_US) == at("2026-03-29T11:00:00+00:00")


def test_what_begins_in_the_lunch_gap_waits_for_the_afternoon() -> None:
    begin = at("2026-06-03T12:30", "Europe/Stockholm")
    assert stockholm().due(begin, 30 * MINUTE_US) == at("2026-06-03T11:30:00+00:00")


def test_a_target_reached_at_closing_time_is_due_then() -> None:
    begin = at("2026-06-03T13:00", "Europe/Stockholm")
    assert stockholm().due(begin, 240 * MINUTE_US) == at("2026-06-03T15:00:00+00:00")


def test_it_says_which_part_of_a_weekend_was_a_holiday() -> None:
    monday_off = stockholm((date(2026, 3, 30),))
    rests = list(
        monday_off.rests(at("2026-03-27T17:00", "Europe/Stockholm"), at("2026-03-31T07:00:00+00:00"))
    )
    assert [why for _low, _high, why in rests] == ["closed", "holiday", "closed"]
    assert rests[1][:2] == (at("2026-03-29T22:00:00+00:00"), at("2026-03-30T22:00:00+00:00"))


@pytest.mark.parametrize(
    ("zone", "week", "told"),
    [
        ("Europe/Stockholm", {}, "no day has working time"),
        ("Europe/Stockholm", {0: []}, "no day has working time"),
        ("Europe/Stockhlom", OFFICE, "no time zone is called 'Europe/Stockhlom'"),
        ("../etc/passwd", OFFICE, "no time zone is called"),
        ("UTC", {0: [(1320, 360)]}, "22:00-06:00 ends before it begins: give night work to both days"),
        ("UTC", {0: [(540, 720), (700, 1000)]}, "11:40-16:40 overlaps the interval before it"),
    ],
)
def test_it_refuses_a_calendar_that_makes_no_sense(
    zone: str, week: dict[int, list[Minutes]], told: str
) -> None:
    with pytest.raises(CalendarError, match=told.replace("(", r"\(").replace(")", r"\)")):
        calendar_of(zone, week)


def test_a_calendar_that_works_one_minute_a_week_is_due_at_last_or_never() -> None:
    rare = calendar_of("UTC", {0: [(0, 1)]})
    assert rare.due(at("2026-01-01T00:00"), 10 * MINUTE_US) == at("2026-03-09T00:01")
    assert rare.due(at("2026-01-01T00:00"), 10_000 * MINUTE_US) is None
