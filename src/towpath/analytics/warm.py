"""Compile every kernel, so that nobody waits for it at first use: `python -m towpath.analytics.warm`.

Each analysis answers one small question about a log of two entities; what Numba compiles for that is kept on
disk.
"""

from __future__ import annotations

import numpy as np

from towpath.analytics import (
    after_loss,
    availability,
    first_touch,
    flow,
    friction,
    funnel,
    instances,
    structure,
    turns,
    variants,
)
from towpath.analytics.funnel import FunnelSpec
from towpath.analytics.kernels.blocks import first_disorder
from towpath.analytics.kernels.compiling import read_only
from towpath.analytics.kernels.joining import Log, Runs, join, recode
from towpath.analytics.kernels.telling import Room, Told, tell
from towpath.analytics.sequences import Sequences


def two_stories() -> Sequences:
    """Two entities with two steps and an event that matches both."""
    return Sequences(
        entity=np.asarray([1, 1, 1, 2, 2], np.int64),
        time=np.asarray([0, 1, 2, 0, 5], np.int64),
        code=np.asarray([0, 1, 2, 0, 2], np.uint16),
        masks=np.asarray([1, 2, 3], np.uint64),
        tie=np.asarray([False, False, True, False, False]),
        activities=("first", "second"),
    )


def warm() -> None:
    """Call every kernel once, with the types it is always called with."""
    log = two_stories()
    first_disorder(log.starts, log.time)
    _join(log)
    ok, channel = np.ones(5, np.bool_), np.zeros(5, np.uint16)
    for spec in (
        FunnelSpec(2, 9),
        FunnelSpec(2, 9, "strict", exclusions=((0, 1, 1),)),
        FunnelSpec(2, 9, "any"),
    ):
        funnel.finish(funnel.partial(log, spec, ok), 9)
        instances.instances_of(log, spec)
    first_touch.finish(first_touch.partial(log, first_touch.FirstTouchSpec(2, 9)))
    flow.finish(flow.partial(log))
    flow.entities_of_edge(log, 0, 1)
    variants.finish(variants.partial(log))
    turns.finish(turns.partial(log, turns.TurnsSpec(2, 1, (0, -1), 2)), 9)
    friction.finish(friction.partial(log, friction.FrictionSpec(2), channel))
    _structure()
    after_loss.finish(after_loss.partial(log, after_loss.AfterLossSpec(FunnelSpec(2, 9))), 9)


def _join(log: Sequences) -> None:
    """As the lake's files are joined: from arrays that may be written to."""
    size = log.time.size
    code = np.empty(size, np.uint16)
    for codes in (log.code.astype(np.uint8), log.code.copy()):
        recode(codes, np.arange(3).astype(np.uint16), code)
    runs = Runs(np.asarray([0, size]), log.entity.copy(), log.time.copy(), code)
    room = Log(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint16),
        np.empty(size + 1, np.int64),
        np.empty(0, np.int64),
    )
    join(runs, np.empty(0, np.int64), False, room)
    _tell(log)


def _tell(log: Sequences) -> None:
    """As what came since is put among stories that are kept."""
    size, seq = log.time.size, read_only(np.zeros(log.time.size), np.int64)
    stories = Told(log.entities, log.starts, log.time, log.code, seq)
    numbers, rows = np.empty((3, 2 * size + 1), np.int64), np.empty(2 * size, np.int64)
    codes, ties = np.empty(2 * size, np.uint16), np.empty(2 * size, np.bool_)
    room = Room(numbers[0], numbers[1], numbers[2], codes, ties, rows)
    tell(stories, stories, seq[:0], seq[:0], room)


def _structure() -> None:
    """Three items; the first needs one of the two others."""
    rows = np.asarray([[0, 0], [1, 2], [0, 0], [1, 1]], np.int64)
    needs = structure.Needs(rows[0], rows[1], rows[2], rows[3], np.zeros(2))
    found = structure.structure_of(3, needs)
    structure.fall(found, [1])
    structure.single_points(found, 0)
    availability.drawn(found, 0, np.full(3, 0.5), 10)


if __name__ == "__main__":
    warm()
