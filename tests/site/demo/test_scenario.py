"""Scenarios are read strictly: whatever is wrong is said with its line and with what to write instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.operations.documents import DocumentError
from towpath.site.demo.company.landscape import (
    CHANNELS,
    COMPONENT_AT,
    JOURNEYS,
    LANGUAGES,
    SERVICES,
    STEP_AT,
    TOPIC_AT,
)
from towpath.site.demo.company.plan import DAY, HOUR, KINDS
from towpath.site.demo.scenario import USUAL, Scenario, Size, read_scenario

ROOT = Path(__file__).parents[3]
UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
SIZE = Size(seed=1, days=84, customers=500, until=UNTIL)
END = round(UNTIL.timestamp()) * 1_000_000
EXAMPLES = sorted((ROOT / "examples/scenarios").glob("*.yaml"))


def read(text: str, size: Size = SIZE) -> Scenario:
    return read_scenario(text, "s.yaml", size)


def one(words: str) -> str:
    return f"name: One\ncauses:\n  - {words}\n"


@pytest.mark.parametrize("file", [USUAL, *EXAMPLES], ids=lambda file: file.stem)
def test_every_scenario_that_comes_along_can_be_read(file: Path) -> None:
    found = read_scenario(file.read_text(), file.name, SIZE)
    assert found.name
    assert bool(found.plan.causes) == (file.stem != "quiet")


def test_the_example_of_the_documentation_can_be_read() -> None:
    text = (ROOT / "docs/scenarios.md").read_text()
    lines = text[text.index("    name: A slow lookup") :].split("\n\n")[0].splitlines()
    found = read("\n".join(line.removeprefix("    ") for line in lines))
    slow, bad = found.plan.causes
    assert (slow.target, slow.hours, slow.times, slow.begin) == (
        "meter-registry",
        (18, 22),
        8.0,
        END - 28 * DAY,
    )
    assert (bad.version, bad.share, bad.segment.language) == ("4.12.0", 0.15, "es")
    assert bad.begin == END - 6 * DAY + 9 * HOUR


def test_the_documentation_names_all_that_can_be_written() -> None:
    text = (ROOT / "docs/scenarios.md").read_text()
    for names in (KINDS, COMPONENT_AT, STEP_AT, TOPIC_AT, SERVICES, CHANNELS, LANGUAGES):
        assert [name for name in names if f"`{name}`" not in text and f"{name}: " not in text] == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: One\ncause: []\n", 2, "'cause' is not known here"),
        (one("kind: slow_dependancy"), 3, "no kind 'slow_dependancy'"),
        (one("{kind: slow_dependency, target: meter}"), 3, "no component 'meter'"),
        (one("kind: lossy_step\n    target: join.idenitfy"), 4, "no step 'join.idenitfy'"),
        (one("kind: total_outage\n    target: payment"), 4, "no service 'payment'"),
        (one("kind: loud_group\n    target: nothing"), 4, "no topic 'nothing'"),
        (one("kind: confounded_evening\n    target: leave"), 4, "no journey 'leave'"),
        (one("kind: slow_dependency\n    target: ledger\n    speed: 3"), 5, "'speed' is not known here"),
        (one("kind: slow_dependency\n    target: ledger\n    rate: 1"), 5, "'rate' is not known here"),
        (one("kind: slow_dependency\n    target: ledger\n    factor: fast"), 5, "factor is 'fast'"),
        (one("kind: slow_dependency\n    target: ledger\n    hours: [25, 3]"), 5, "are no hours"),
        (one("kind: slow_dependency\n    target: ledger\n    from: soon"), 5, "'soon' is no time"),
        (one("kind: slow_dependency\n    target: ledger\n    channel: fax"), 5, "no channel 'fax'"),
        (one("kind: bad_release\n    target: dunning\n    step: pay.submit"), 5, "does not call dunning"),
        (one("kind: bad_release\n    target: mobile-app\n    rate: 2"), 5, "rate is 2"),
        (
            one("kind: total_outage\n    target: payments\n    from: 2020-01-01\n    to: 2020-01-02"),
            5,
            "outside",
        ),
        (one("kind: total_outage\n    target: payments\n    from: -3d\n    to: -4d"), 6, "not after `from`"),
        (one("kind: rare_grave\n    target: join.sign"), 4, "Only a payment"),
        ("name: One\ncauses: 3\n", 2, "causes is a list"),
        ("- one\n", 1, "not a scenario"),
        ("name: One\nname: Two\n", 2, "stands twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(said)) as refused:
        read(text)
    assert refused.value.line == line
    assert refused.value.remedy


@settings(max_examples=60, deadline=None)
@given(
    days=st.integers(7, 400),
    ago=st.integers(1, 400),
    size=st.floats(0, 4),
    factor=st.floats(0, 50).map(lambda value: round(value, 3)),
)
def test_a_cause_lies_within_its_run_and_grows_with_its_size(
    days: int, ago: int, size: float, factor: float
) -> None:
    text = one(f"kind: slow_dependency\n    target: ledger\n    from: -{ago}d\n    factor: {factor}")
    sized = msgspec.structs.replace(SIZE, days=days, size=size)
    (cause,) = read(text, sized).plan.causes
    assert END - days * DAY <= cause.begin < cause.end <= END
    assert cause.begin == END - min(ago, days) * DAY
    assert cause.times == pytest.approx(max(0.0, 1 + (factor - 1) * size))


def test_noise_of_the_scenario_and_of_the_command_are_multiplied() -> None:
    found = read("name: Wild\nnoise: 2\ncauses: []\n", msgspec.structs.replace(SIZE, noise=1.5))
    assert found.plan.noise == 3.0
    assert found.plan.causes == ()


def test_journeys_are_those_that_scenarios_can_name() -> None:
    for key in JOURNEYS:
        assert read(one(f"kind: confounded_evening\n    target: {key}")).plan.causes[0].target == key
