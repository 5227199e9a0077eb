"""What lost customers did next."""

from __future__ import annotations

from event_logs import Event, Story, halves, logs, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics import after_loss, funnel
from towpath.analytics.after_loss import AfterLossSpec
from towpath.analytics.funnel import FunnelSpec

TERMINAL, INSIDE = 1 << 4, 1 << 5


def story(*events: tuple[int, int]) -> Story:
    return [Event(time, mask, True) for time, mask in events]


def test_it_names_the_first_activity_after_the_furthest_step() -> None:
    log = [
        story((0, 1), (1, 2), (2, 0), (5, INSIDE), (6, TERMINAL)),
        story((0, 1), (1, 2), (90, INSIDE)),
        story((0, 1), (1, 2)),
        story((0, 1), (3, TERMINAL)),
        story((0, 1), (1, 2), (2, 4)),
        story((0, 1), (20, 8)),
    ]
    found = after_loss.partial(sequences_of(log), AfterLossSpec(FunnelSpec(3, 10, terminals=TERMINAL)))
    result = after_loss.finish(found, as_of_us=100, shares=(0.5,))
    assert [(step.lost, [(f.activity, f.count) for f in step.following]) for step in result.steps] == [
        (1, [("d", 1)]),
        (2, [(None, 1), ("f", 1)]),
        (0, []),
    ]
    none, inside = result.steps[1].following
    assert (none.duration.count, none.share) == (0, 0.5)
    assert inside.duration.median_seconds == 89e-6
    assert after_loss.entities_lost_to(found, 100, 1, 5).tolist() == [99]
    assert after_loss.entities_lost_to(found, 100, 1, -1).tolist() == [98]


@settings(max_examples=100, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 8), st.integers(10, 20))
def test_it_looks_at_those_whom_the_funnel_counts_as_lost(
    log: list[Story], steps: int, window: int, as_of: int
) -> None:
    spec = FunnelSpec(steps, window, terminals=TERMINAL)
    result = after_loss.finish(after_loss.partial(sequences_of(log), AfterLossSpec(spec)), as_of, top=99)
    lost = [step.lost for step in funnel.finish(funnel.partial(sequences_of(log), spec), as_of).steps]
    assert [step.lost for step in result.steps] == lost
    assert [sum(following.count for following in step.following) for step in result.steps] == lost


@settings(max_examples=60, deadline=None)
@given(logs(), st.integers(1, 4), st.integers(0, 8), st.data())
def test_parts_merged_are_the_whole(log: list[Story], steps: int, window: int, data: st.DataObject) -> None:
    spec = AfterLossSpec(FunnelSpec(steps, window), of=0b101111)
    cut = data.draw(st.integers(0, len(log)))
    whole = after_loss.partial(sequences_of(log), spec)
    merged = after_loss.merge([after_loss.partial(part, spec) for part in halves(log, cut)])
    assert after_loss.finish(whole, 15) == after_loss.finish(merged, 15)
