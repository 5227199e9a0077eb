"""How an area declares its background work, in its `jobs.py`: jobs, schedules, loops.

A *job* is a `django_tasks` task that runs until it succeeded or has used its attempts. It runs at least once:
a worker killed after the work and before the note of it leads to a second run, so a job must not mind that.
A *loop* is work without end (deliver, flush) that every worker repeats in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.utils.module_loading import autodiscover_modules, import_string
from django_tasks import task
from django_tasks.base import Task

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Policy:
    """`attempts`: how often it is tried in all. `timeout`: seconds an attempt may take, None for no limit.
    `pause`: seconds before the second attempt; doubles from there."""

    attempts: int = 5
    timeout: float | None = None
    pause: float = 2.0


@dataclass(frozen=True)
class Loop:
    """`run` is called, and called again `every` seconds after it returned."""

    name: str
    every: float
    run: Callable[[], object]


_policies: dict[str, Policy] = {}
_schedules: dict[str, tuple[Task[Any, Any], float]] = {}
_loops: dict[str, Loop] = {}


def job(
    *, attempts: int = 5, timeout: float | None = None, pause: float = 2.0, priority: int = 0
) -> Callable[[Callable[P, T]], Task[P, T]]:
    """Make a module-level function a job: `import_file.enqueue(id)`. Arguments must be JSON.

    Raises ValueError for limits that make no sense.
    """
    if attempts < 1 or pause <= 0 or (timeout is not None and timeout <= 0):
        raise ValueError("attempts must be 1 or more; pause and timeout are seconds above 0")

    def declare(function: Callable[P, T]) -> Task[P, T]:
        declared: Task[P, T] = task(priority=priority)(function)
        _policies[declared.module_path] = Policy(attempts, timeout, pause)
        return declared

    return declare


def scheduled(*, every: float) -> Callable[[Task[[], T]], Task[[], T]]:
    """Enqueue the job below it every so many seconds, once over all workers. Raises ValueError for 0 or less.

    After a time without workers it is caught up with once.
    """
    if every <= 0:
        raise ValueError("every is a number of seconds above 0")

    def register(declared: Task[[], T]) -> Task[[], T]:
        _schedules[declared.module_path] = (declared, every)
        return declared

    return register


def loop(*, every: float, name: str = "") -> Callable[[Callable[[], T]], Callable[[], T]]:
    """Have every worker repeat the function. Raises ValueError for a pause of 0 seconds or less."""
    if every <= 0:
        raise ValueError("every is a number of seconds above 0")

    def register(function: Callable[[], T]) -> Callable[[], T]:
        named = name or f"{function.__module__}.{function.__qualname__}"
        _loops[named] = Loop(named, every, function)
        return function

    return register


def policy_of(task_path: str) -> Policy:
    """What the job declared; the defaults for one that no longer exists or was declared as a bare task."""
    try:
        import_string(task_path)
    except ImportError:
        return Policy()
    return _policies.get(task_path, Policy())


def discover() -> None:
    """Import the `jobs.py` of every area, so that schedules and loops are known. For workers."""
    autodiscover_modules("jobs")


def schedules() -> dict[str, tuple[Task[Any, Any], float]]:
    """Scheduled jobs by path, with the seconds between two runs."""
    return _schedules


def loops() -> list[Loop]:
    return list(_loops.values())
