"""Numbers as people read them."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.template import engines
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.ui import figures


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234, 0, "1,234"),
        (1234.5, 1, "1,234.5"),
        (-5, 0, "−5"),
        (-0.2, 0, "0"),
        (0, 0, "0"),
        (None, 0, "—"),
        (float("nan"), 0, "—"),
        (float("inf"), 2, "—"),
        ("12", 0, "—"),
        (True, 0, "—"),
    ],
)
def test_a_number_has_groups_and_a_real_minus(value: float, decimals: int, text: str) -> None:
    assert figures.number(value, decimals) == text


def test_digits_are_grouped_as_the_language_of_the_page_does() -> None:
    with translation.override("de"):
        assert figures.number(1234567.5, 1) == "1.234.567,5"


@pytest.mark.parametrize(("value", "text"), [(1234, "+1,234"), (-5, "−5"), (0, "0"), (0.2, "0"), (None, "—")])
def test_a_change_has_its_sign_unless_it_rounds_to_nothing(value: float, text: str) -> None:
    assert figures.signed(value) == text


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0.347, 1, "34.7 %"),
        (0, 1, "0.0 %"),
        (1, 0, "100 %"),
        (0.9999, 1, "above 99.9 %"),
        (0.0001, 1, "below 0.1 %"),
        (0.004, 0, "below 1 %"),
        (None, 1, "—"),
    ],
)
def test_a_share_that_is_not_all_never_reads_as_all(share: float, decimals: int, text: str) -> None:
    assert plain(figures.percent(share, decimals)) == text


def test_a_difference_of_shares_is_in_points() -> None:
    assert figures.points(-0.013) == "−1.3 points"
    assert figures.points(0.021) == "+2.1 points"
    assert figures.points(None) == "—"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.0001, "below 1 ms"),
        (0.25, "250 ms"),
        (0.9996, "1.0 s"),
        (2.4, "2.4 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (130, "2 min 10 s"),
        (1080, "18 min"),
        (3599, "1 h"),
        (7800, "2 h 10 min"),
        (52_020, "14 h 27 min"),
        (172_799, "2 d"),
        (800_000, "9 d 6 h"),
        (2_678_400, "31 d"),
        (104_025_600, "1,204 d"),
        (-130, "−2 min 10 s"),
        (dt.timedelta(hours=2), "2 h"),
        (None, "—"),
    ],
)
def test_a_duration_uses_its_two_largest_units(seconds: float, text: str) -> None:
    assert plain(figures.duration(seconds)) == text


@settings(deadline=None, max_examples=200)
@given(st.floats(min_value=0.001, max_value=1e10))
def test_a_duration_never_says_sixty_of_a_unit(seconds: float) -> None:
    words = plain(figures.duration(seconds)).replace(",", "").split()
    assert (words[0], words[1]) not in {("60", "s"), ("60", "min"), ("1000", "ms")}
    assert words[2:] not in (["60", "s"], ["60", "min"], ["24", "h"])


def test_about_marks_a_figure_and_leaves_nothing_alone() -> None:
    assert plain(figures.about("1.2 h")) == "≈ 1.2 h"
    assert figures.about("—") == "—"


def test_a_part_of_a_whole_is_said_in_words() -> None:
    assert figures.out_of(2, 3) == "2 of 3"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ("2,080", "2,540", "2,080 to 2,540"),
        (figures.percent(0.07, 0), figures.percent(0.37, 0), "7 to 37 %"),
        (figures.duration(7800), figures.duration(86_000), "2 h 10 min to 23 h 53 min"),
        ("—", "3", "—"),
    ],
)
def test_an_interval_says_a_shared_unit_once(low: str, high: str, text: str) -> None:
    assert plain(figures.interval(low, high)) == text


def test_money_carries_its_currency() -> None:
    assert figures.money(41_200, "EUR") == "€41,200"
    assert figures.money(-5, "EUR") == "−€5"
    assert plain(figures.money(41_200, "CHF")) == "CHF 41,200"
    assert figures.money(None, "EUR") == "—"


def test_times_are_shown_where_the_person_is() -> None:
    instant = dt.datetime(2026, 11, 12, 23, 40, 7, tzinfo=dt.UTC)
    with timezone.override(zoneinfo.ZoneInfo("Europe/Zurich")):
        assert figures.moment(instant) == "13 Nov 2026, 00:40"
        assert figures.moment(instant, seconds=True) == "13 Nov 2026, 00:40:07"
        assert figures.day(instant) == "13 Nov 2026"
        assert figures.clock(instant) == "00:40"
    assert figures.day(dt.date(2026, 11, 12)) == "12 Nov 2026"
    assert figures.moment(None) == figures.day(None) == figures.clock(None) == "—"


def test_templates_read_figures_through_filters_of_the_same_names() -> None:
    template = engines["django"].from_string(
        "{% load figures %}{{ n|number }} {{ s|percent }} {{ d|duration|about }} {{ n|money:'EUR' }} "
        "{{ t|moment }}"
    )
    instant = dt.datetime(2026, 11, 12, 9, 40, tzinfo=dt.UTC)
    text = template.render({"n": 1234, "s": 0.5, "d": 130, "t": instant})
    assert plain(text) == (
        "1,234 50.0 % ≈ 2 min 10 s €1,234 "
        '<time datetime="2026-11-12T09:40:00+00:00" title="UTC">12 Nov 2026, 09:40</time>'
    )
