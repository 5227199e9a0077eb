"""A chart in the page, as a table and as a file: the same figures, and nothing that the policy forbids."""

from __future__ import annotations

import json
import re
from typing import Any

import altair as alt
import pytest

from towpath.foundation.ui.bars import Part, share_bar, spark, stacked_bar
from towpath.foundation.ui.charts import THEME, chart_tag, inline, palette, picture, picture_response, spec_of
from towpath.foundation.ui.twins import twins

ROWS = [{"step": "</script><b>", "n": 1200, "share": 0.5}, {"step": "Sign", "n": 600, "share": None}]


def bars(**more: Any) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(inline(ROWS))
        .mark_bar()
        .encode(x=alt.X("n:Q", title="Customers"), y="step:N", tooltip=[alt.Tooltip("share:Q", format=".1%")])
        .properties(**more)
    )
    return chart


def test_a_chart_carries_its_data_so_that_it_cannot_break_out() -> None:
    tag = chart_tag(bars(), "Lost <here>", "Half are lost.")
    found = re.search(r'<script type="application/json">(.*?)</script>', tag, re.S)
    assert found
    assert json.loads(found[1])["data"]["values"] == ROWS
    assert "<b>" not in tag
    assert "Lost &lt;here&gt;" in tag
    assert "style=" not in tag


def test_a_single_view_fills_its_place_unless_it_says_its_width() -> None:
    assert spec_of(bars())["width"] == "container"
    assert spec_of(bars(width=120))["width"] == 120


def test_the_theme_names_only_tokens_that_exist_in_light_and_dark() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", json.dumps(THEME)))
    assert used <= set(palette("light"))
    assert all(palette("light")[name] != palette("dark")[name] for name in used)


def test_the_table_twin_holds_every_field_that_is_shown() -> None:
    [twin] = twins(spec_of(bars()))
    cells = {title: [row[place] for row in twin.rows] for place, title in enumerate(twin.titles)}
    assert cells == {
        "Customers": ["1,200", "600"],
        "step": ["</script><b>", "Sign"],
        "share": ["50.0\u00a0%", "—"],
    }
    assert dict(zip(twin.titles, twin.numeric, strict=True)) == {
        "Customers": True,
        "step": False,
        "share": True,
    }


def test_layers_over_one_set_of_data_are_one_table_and_other_data_another() -> None:
    line = alt.Chart(inline([{"day": "2026-11-12", "rate": 0.5}])).mark_line().encode(x="day:T", y="rate:Q")
    marks = (
        alt.Chart(inline([{"at": "2026-11-12T09:40", "what": "release"}]))
        .mark_rule()
        .encode(x="at:T", tooltip="what:N")
    )
    found = twins(spec_of(alt.layer(line, marks)))
    assert [twin.rows for twin in found] == [[["12 Nov 2026", "0.50"]], [["release", "12 Nov 2026, 09:40"]]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_stands_on_its_own(scheme: Any) -> None:
    svg = picture(bars(), "svg", scheme).decode()
    assert "var(--" not in svg
    assert palette(scheme)["canal"] in svg
    assert palette(scheme)["card"] in svg


def test_a_picture_is_a_download_in_the_form_that_is_asked_for() -> None:
    assert picture(bars(), "png").startswith(b"\x89PNG")
    answer = picture_response(bars(), "pdf", "lost")
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="lost.pdf"'


def test_a_bar_is_as_wide_as_its_share_and_never_wider_than_its_track() -> None:
    assert 'width="34.70"' in share_bar(0.347, "34.7 %")
    assert 'width="100.00"' in share_bar(1.2, "all")
    assert 'width="0.00"' in share_bar(None, "nothing")
    assert "&lt;b&gt;" in share_bar(0.5, "<b>")


def test_parts_of_a_bar_stand_beside_each_other_up_to_the_whole() -> None:
    drawn = stacked_bar([Part(0.6, "a", "fill-1"), Part(0.3, "b", "fill-2"), Part(0.4, "c", "rest")], "all")
    places = re.findall(r'x="([\d.]+)" width="([\d.]+)"', drawn)
    assert places == [("0.00", "60.00"), ("60.00", "30.00"), ("90.00", "10.00")]


def test_a_spark_spans_from_zero_to_the_highest_value() -> None:
    found = re.search(r'polyline class="line" points="([^"]+)"', spark([0, 5, 10], "rising"))
    assert found
    assert found[1] == "0.0,27.0 50.0,14.0 100.0,1.0"
    assert spark([1], "too few") == ""
    assert "NaN" not in spark([0, 0], "nothing")
