# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""What falls when something falls: walks over items and the groups of items that they need."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Float64, Int8, Int32, Int64, kernel

UP, WEAKENED, FALLEN = 0, 1, 2


@kernel
def spread(
    failed: Int64,
    owner: Int32,
    spare: Int32,
    in_starts: Int64,
    in_groups: Int32,
    state: Int8,
    lost: Int32,
    distance: Int32,
    queue: Int32,
) -> int:
    """Let `failed` fall, and all that cannot work without them. Writes `state` (UP, WEAKENED, FALLEN), the
    members that each group lost, and how many steps away each item fell (-1: it did not). Returns how many
    fell."""
    head, tail = 0, 0
    for item in failed:
        if state[item] != FALLEN:
            state[item] = FALLEN
            distance[item] = 0
            queue[tail] = item
            tail += 1
    while head < tail:
        item = queue[head]
        head += 1
        for place in range(in_starts[item], in_starts[item + 1]):
            group = in_groups[place]
            lost[group] += 1
            above = owner[group]
            if lost[group] > spare[group]:
                if state[above] != FALLEN:
                    state[above] = FALLEN
                    distance[above] = distance[item] + 1
                    queue[tail] = above
                    tail += 1
            elif state[above] == UP:
                state[above] = WEAKENED
    return tail


@kernel
def walk_down(
    top: int,
    of_starts: Int64,
    of_groups: Int32,
    starts: Int64,
    members: Int32,
    distance: Int32,
    queue: Int32,
) -> int:
    """Write how many steps below `top` each item that it needs lies (-1: it does not need it). Returns how
    many there are, `top` among them."""
    distance[top] = 0
    queue[0] = top
    head, tail = 0, 1
    while head < tail:
        item = queue[head]
        head += 1
        for place in range(of_starts[item], of_starts[item + 1]):
            group = of_groups[place]
            for member in members[starts[group] : starts[group + 1]]:
                if distance[member] < 0:
                    distance[member] = distance[item] + 1
                    queue[tail] = member
                    tail += 1
    return tail


@kernel
def fall_on(
    turn: int,
    top: int,
    inside: Bool,
    owner: Int32,
    spare: Int32,
    in_starts: Int64,
    in_groups: Int32,
    fallen_in: Int64,
    counted_in: Int64,
    lost: Int32,
    queue: Int32,
    tail: int,
) -> int:
    """Let fall, in this `turn`, what cannot work without the `tail` items that are queued, until `top` falls
    (-1: to the end). What earlier turns wrote counts for nothing. Returns how many are queued then."""
    head = 0
    while head < tail and not (top >= 0 and fallen_in[top] == turn):
        item = queue[head]
        head += 1
        for place in range(in_starts[item], in_starts[item + 1]):
            group = in_groups[place]
            above = owner[group]
            if not inside[above] or fallen_in[above] == turn:
                continue
            if counted_in[group] != turn:
                counted_in[group] = turn
                lost[group] = 0
            lost[group] += 1
            if lost[group] > spare[group]:
                fallen_in[above] = turn
                queue[tail] = above
                tail += 1
    return tail


@kernel
def fell_each(
    tried: Int32,
    top: int,
    inside: Bool,
    owner: Int32,
    spare: Int32,
    in_starts: Int64,
    in_groups: Int32,
    most: int,
    fell: Int64,
) -> bool:
    """Let each of `tried` fall alone. With `top` >= 0 write 1 where `top` falls with it, else 0; with -1 how
    many fall. Only items `inside` are looked at. Returns whether it came to the end within `most` steps."""
    fallen_in, counted_in = np.full(inside.size, -1, np.int64), np.full(owner.size, -1, np.int64)
    lost, queue = np.zeros(owner.size, np.int32), np.empty(inside.size, np.int32)
    steps = 0
    for turn in range(tried.size):
        queue[0] = tried[turn]
        fallen_in[tried[turn]] = turn
        tail = fall_on(
            turn, top, inside, owner, spare, in_starts, in_groups, fallen_in, counted_in, lost, queue, 1
        )
        fell[turn] = (1 if fallen_in[top] == turn else 0) if top >= 0 else tail
        for item in queue[:tail]:
            steps += in_starts[item + 1] - in_starts[item]
        if steps > most:
            return False
    return True


@kernel
def failing_turns(chance: Float64, samples: int, seed: int) -> tuple[Int64, Int32]:
    """In which of so many turns each place fails: of every turn where its places begin, and these. From one
    failure to the next is a geometric gap, so that what seldom fails costs little."""
    starts = np.zeros(samples + 1, np.int64)
    for filling in range(2):
        np.random.seed(seed)
        if filling == 0:
            which = np.empty(0, np.int32)
        else:
            for turn in range(samples):
                starts[turn + 1] += starts[turn]
            which = np.empty(starts[samples], np.int32)
            at = starts.copy()
        for place in range(chance.size):
            if chance[place] <= 0.0:
                continue
            scale = 0.0 if chance[place] >= 1.0 else 1.0 / np.log1p(-chance[place])
            turn = int(np.log1p(-np.random.random()) * scale)
            while turn < samples:
                if filling == 0:
                    starts[turn + 1] += 1
                else:
                    which[at[turn]] = place
                    at[turn] += 1
                turn += 1 + int(min(np.log1p(-np.random.random()) * scale, samples))
    return starts, which


@kernel
def strike(
    turn: int, struck: Int32, items: Int32, shocks: Int64, shock_starts: Int64, fallen_in: Int64, queue: Int32
) -> int:
    """Queue what fails by itself in this `turn`: places in `items`, and after them in the shocks. Returns how
    many items those are."""
    tail = 0
    for place in struck:
        if place < items.size:
            if fallen_in[items[place]] != turn:
                fallen_in[items[place]] = turn
                queue[tail] = items[place]
                tail += 1
            continue
        shock = place - items.size
        for item in shocks[shock_starts[shock] : shock_starts[shock + 1]]:
            if fallen_in[item] != turn:
                fallen_in[item] = turn
                queue[tail] = item
                tail += 1
    return tail


@kernel
def sample_falls(
    top: int,
    items: Int32,
    chance: Float64,
    shocks: Int64,
    shock_starts: Int64,
    shock_chance: Float64,
    owner: Int32,
    spare: Int32,
    in_starts: Int64,
    in_groups: Int32,
    samples: int,
    seed: int,
) -> int:
    """How often `top` falls in so many draws in which each of `items` fails by `chance`, and each shock (a
    run of `shocks` between its starts) takes all its items by `shock_chance`."""
    size = in_starts.size - 1
    inside, lost = np.ones(size, np.bool_), np.zeros(owner.size, np.int32)
    fallen_in, counted_in = np.full(size, -1, np.int64), np.full(owner.size, -1, np.int64)
    queue = np.empty(size, np.int32)
    starts, which = failing_turns(np.append(chance, shock_chance), samples, seed)
    falls = 0
    for turn in range(samples):
        struck = which[starts[turn] : starts[turn + 1]]
        tail = strike(turn, struck, items, shocks, shock_starts, fallen_in, queue)
        if tail == 0:
            continue
        fall_on(
            turn, top, inside, owner, spare, in_starts, in_groups, fallen_in, counted_in, lost, queue, tail
        )
        falls += fallen_in[top] == turn
    return falls
