"""The worker: takes one ready job at a time, has it run, renews its lease, and notes what became of it."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass, field

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections

from towpath.foundation.jobs import leasing
from towpath.foundation.jobs.declaring import Policy, loops, policy_of
from towpath.foundation.jobs.leasing import Held, Identity, LeaseLost
from towpath.foundation.jobs.looping import Loops
from towpath.foundation.jobs.progress import Outcome, Progress
from towpath.foundation.jobs.rules import ProcessEnded, TimeLimit
from towpath.foundation.jobs.scheduling import enqueue_due
from towpath.foundation.jobs.supervising import Ended, Runner

log = structlog.get_logger(__name__)


@dataclass
class Worker:
    """Times in seconds. `lease`: how long a job stays with a worker that no longer answers. `grace`: how long
    a running job may go on after `stop`; then it is handed back. `idle`: pause between two looks."""

    lease: float = 30.0
    grace: float = 20.0
    idle: float = 0.5
    identity: Identity = field(default_factory=Identity)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._stopped_at = float("inf")
        self._looked_after = float("-inf")
        self._runner = Runner()

    def stop(self) -> None:
        """Take no more jobs. Called again, it no longer waits for the running one."""
        self._stopped_at = float("-inf") if self._stop.is_set() else time.monotonic()
        self._stop.set()

    def run(self, *, drain: bool = False) -> None:
        """Work until stopped; with `drain`, without loops, until nothing is ready. Call `discover` before."""
        kept = Loops([] if drain else loops())
        kept.start()
        self._runner.start()
        log.info("worker started", worker=self.identity.name, lease=self.lease)
        try:
            while not self._stop.is_set():
                if not self._turn() and drain:
                    break
        finally:
            self._runner.kill()
            kept.stop(self.grace)
            connections.close_all()
            log.info("worker stopped", worker=self.identity.name)

    def _turn(self) -> bool:
        """One look at the queue; whether there was a job."""
        close_old_connections()
        try:
            self.look_after()
            held = leasing.claim(self.identity, self.lease)
        except DatabaseError:
            log.exception("records not reachable; trying again")
            connections.close_all()
            self._stop.wait(self.idle * 4)
            return True
        if held is None:
            self._stop.wait(self.idle)
            return False
        self._work_on(held)
        return True

    def look_after(self) -> None:
        """Schedules and lost workers; others do the same, so now and then is enough."""
        now = time.monotonic()
        if now - self._looked_after >= min(1.0, self.lease / 4):
            self._looked_after = now
            enqueue_due()
            if recovered := leasing.recover():
                log.warning("jobs of lost workers freed", jobs=recovered)

    def _work_on(self, held: Held) -> None:
        log.info("job started", job=held.task_path, id=str(held.task_id))
        turn = _Turn(self, held)
        try:
            turn.run()
        except LeaseLost:
            self._runner.kill()
            log.warning("job was taken away from this worker", job=held.task_path, id=str(held.task_id))

    def out_of_grace(self) -> bool:
        return self._stop.is_set() and time.monotonic() - self._stopped_at > self.grace


class _Turn:
    """One job on one worker."""

    def __init__(self, worker: Worker, held: Held) -> None:
        self.worker, self.held = worker, held
        self.policy: Policy = policy_of(held.task_path)
        self.runner = worker._runner
        self.started = self.renewed = time.monotonic()
        self.progress: Progress | None = None

    def run(self) -> None:
        """Raises LeaseLost."""
        try:
            self.runner.order(self.held.task_id)
            while True:
                news = self.runner.news(min(self.worker.idle, self.worker.lease / 8))
                if isinstance(news, Outcome):
                    return self._settle(news)
                if news is not None:
                    self.progress = news
                if self._cut_short():
                    return None
                self._renew()
        except (Ended, BrokenPipeError) as end:
            leasing.fail(self.held, leasing.failure(ProcessEnded, str(end)))
            log.warning("job failed", job=self.held.task_path, reason=str(end))

    def _settle(self, outcome: Outcome) -> None:
        seconds = round(time.monotonic() - self.started, 3)
        self._insist(outcome)
        log.info("job ended", job=self.held.task_path, failed=outcome.exception or None, seconds=seconds)

    def _insist(self, outcome: Outcome) -> None:
        """Note the outcome; where the records are out of reach, for as long as the lease lasts."""
        until = self.renewed + self.worker.lease
        while True:
            try:
                if outcome.exception:
                    return leasing.fail(self.held, leasing.Failure(outcome.exception, outcome.traceback))
                return leasing.succeed(self.held, outcome.value)
            except DatabaseError:
                connections.close_all()
                if time.monotonic() > until:
                    raise LeaseLost(self.held.task_path) from None
                time.sleep(self.worker.idle)

    def _cut_short(self) -> bool:
        """End the job that has had its time, or that has to make way for the worker's own end."""
        limit = self.policy.timeout
        if limit is not None and time.monotonic() - self.started > limit:
            self.runner.kill()
            leasing.fail(self.held, leasing.failure(TimeLimit, f"it ran longer than {limit:g} seconds"))
            log.warning("job failed", job=self.held.task_path, reason="time limit", seconds=limit)
            return True
        if self.worker.out_of_grace():
            self.runner.kill()
            leasing.hand_back(self.held)
            log.info("job handed back", job=self.held.task_path)
            return True
        return False

    def _renew(self) -> None:
        now = time.monotonic()
        if now - self.renewed < min(1.0, self.worker.lease / 6):
            return
        try:
            leasing.renew(self.held, self.worker.lease, self.progress)
            self.renewed, self.progress = now, None
            self.worker.look_after()
        except DatabaseError:
            connections.close_all()
            if now - self.renewed > self.worker.lease:
                raise LeaseLost(self.held.task_path) from None


def work_until_signalled(worker: Worker, *, drain: bool = False) -> None:
    """Run the worker in the main thread; SIGTERM and SIGINT stop it."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: worker.stop())
    worker.run(drain=drain)
