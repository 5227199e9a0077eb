"""Records as tables for a terminal."""

from __future__ import annotations

import msgspec
import pytest

from towpath.foundation.ui.tables import print_tables


class Spread(msgspec.Struct):
    low: float
    high: float


class Line(msgspec.Struct):
    step: str
    lost_beyond: Spread | None
    share: float = 0.5
    nothing: None = None


class Told(msgspec.Struct):
    lines: tuple[Line, ...]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_record_that_only_some_rows_have_is_shown_for_those(
    reverse: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [Line("pay", Spread(25.0, 75.0)), Line("open", None)]
    print_tables(Told(tuple(lines[::-1] if reverse else lines)))
    shown = capsys.readouterr().out
    assert "lost beyond low" in shown
    assert "25.00" in shown
    assert "75.00" in shown
    assert "50.0\xa0%" in shown
    assert "—" in next(line for line in shown.splitlines() if "open" in line)
    assert "nothing" not in shown
