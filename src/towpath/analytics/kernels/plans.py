# ruff: noqa: PLR0917 (what a funnel consists of)
"""Specifications, compiled into the small arrays that the kernels look up per code."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from towpath.analytics.kernels.chains import Findings, Plan, Rules
from towpath.analytics.kernels.compiling import Bool, UInt64, read_only

NO_LIMIT = np.iinfo(np.int64).max
ALWAYS = (int(np.iinfo(np.int64).min), int(NO_LIMIT))
"""The period of those who ask for none."""


def codes_with(masks: UInt64, wanted: int) -> Bool:
    """bool[codes]: which codes set a bit of `wanted`; read-only."""
    return read_only((masks & np.uint64(wanted)) != 0, np.bool_)


def plan_of(masks: UInt64, steps: int, window: int, terminals: int, entered: tuple[int, int] | None) -> Plan:
    """Steps of each code, highest first."""
    entered_from, entered_to = entered or ALWAYS
    step_of, starts = [], [0]
    for mask in masks.tolist():
        step_of += [step for step in range(steps - 1, -1, -1) if mask >> step & 1]
        starts.append(len(step_of))
    return Plan(
        steps=steps,
        window=window,
        step_of=read_only(step_of, np.int8),
        step_starts=read_only(starts, np.int64),
        terminal=codes_with(masks, terminals),
        entered_from=entered_from,
        entered_to=entered_to,
    )


def rules_of(
    masks: UInt64,
    steps: int,
    strict: bool,
    optional: frozenset[int],
    exclusions: tuple[tuple[int, int, int], ...],
    step_windows: tuple[int | None, ...],
) -> Rules:
    """Beyond the plain ordered funnel; see `FunnelSpec` for what each means."""
    windows = [NO_LIMIT if window is None else window for window in step_windows or (None,) * steps]
    banned = np.zeros((masks.size, len(exclusions)), np.bool_)
    for rule, (_, _, mask) in enumerate(exclusions):
        banned[:, rule] = codes_with(masks, mask)
    return Rules(
        strict=strict,
        before=read_only(list(_lowest_before(steps, optional)), np.int64),
        step_window=read_only(windows, np.int64),
        banned_from=read_only([first for first, _, _ in exclusions], np.int64),
        banned_to=read_only([last for _, last, _ in exclusions], np.int64),
        banned=read_only(banned, np.bool_),
        matters=read_only(codes_with(masks, (1 << steps) - 1) | banned.any(axis=1), np.bool_),
    )


def _lowest_before(steps: int, optional: frozenset[int]) -> Iterable[int]:
    for step in range(steps):
        before = step - 1
        while before in optional:
            before -= 1
        yield max(before, 0)


def empty_findings(entities: int) -> Findings:
    """Room for what the kernels write."""
    times = [np.empty(entities, np.int64) for _ in range(7)]
    masks = [np.empty(entities, np.uint64) for _ in range(2)]
    return Findings._make([np.empty(entities, np.int8), *masks, *times])


def rows(findings: Findings, block: slice) -> Findings:
    """The part of one block; writing to it writes to the whole."""
    return Findings._make(column[block] for column in findings)
