"""Pictures keep their words inside, also those written without spaces."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import standing_week as standing

from towpath.foundation.ui.drawing import text_width, wrap
from towpath.visibility.pages.account_pictures import causes_bar, good_weeks, journeys_moved
from towpath.visibility.pages.pictures import good_days, ruined_weeks
from towpath.visibility.queries.weeks import weeks_of
from towpath.visibility.schemas.home import Pace, Piece, Release


@pytest.mark.parametrize("text", ["客户支付账单时失败了很多次", "Pay a bill by card 支付账单 now"])
def test_chinese_words_are_wrapped_where_a_line_is_full(text: str) -> None:
    lines = wrap(text, 80, 13, lines=9)
    assert len(lines) > 1
    assert all(text_width(line, 13) <= 80 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_with_too_few_days_there_is_no_picture_rather_than_a_guess() -> None:
    one = standing.week(days=standing.day_figures(1)[-1:])
    assert good_days(one, ()) == ""
    assert ruined_weeks(()) == ""
    assert good_weeks((), standalone=False) == ""
    assert journeys_moved((), standalone=False) == ""
    assert causes_bar((), standalone=True) == ""


def test_a_picture_of_its_own_names_no_token() -> None:
    week = standing.week()
    assert week.last is not None
    weeks = weeks_of(week.days, week.last)
    drawn = good_weeks(weeks, standalone=True) + causes_bar((Piece("a", "b", 1.0, 1.0),), standalone=True)
    assert "var(--" not in drawn
    assert "var(--" in good_weeks(weeks, standalone=False)


def test_releases_that_stand_close_do_not_write_over_each_other() -> None:
    at = datetime(2026, 11, 19, 9, tzinfo=UTC)
    near = tuple(Release(f"app 4.12.{n}", at.replace(hour=9 + n)) for n in range(3))
    drawn = good_days(standing.week(), near)
    assert drawn.count("<title>app 4.12.") == 3
    assert drawn.count(">app 4.12.") - drawn.count("<title>app 4.12.") == 1


def test_every_journey_is_told_with_its_change() -> None:
    paces = tuple(Pace(f"j{n}", f"支付{n}", 0.9, 0.91, -0.01, -0.02, 0.0) for n in range(3))
    assert journeys_moved(paces, standalone=False).count("−1.0 points</text>") == 3
