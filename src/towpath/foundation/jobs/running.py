"""The process that runs jobs, so that one that crashes or eats the memory does not take its worker along.

`python -m towpath.foundation.jobs.running FD` is started by a worker, stays for many jobs, and ends with its
worker: the pipe between them is the only tie.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from traceback import format_exception
from uuid import UUID

import django

from towpath.foundation.jobs.progress import Outcome, reporter
from towpath.foundation.operations.lean import leave_out_pandas


def perform(task_id: UUID) -> Outcome:
    """Run the job's function. Raises nothing but what ends the process."""
    from django.db import close_old_connections
    from django_tasks.base import TaskContext
    from django_tasks.utils import normalize_json
    from django_tasks_db.models import DBTaskResult

    close_old_connections()
    try:
        result = DBTaskResult.objects.get(pk=task_id).task_result
        context = [TaskContext(task_result=result)] if result.task.takes_context else []  # type: ignore[arg-type]
        return Outcome(normalize_json(result.task.call(*context, *result.args, **result.kwargs)))
    except Exception as error:
        kind = type(error)
        name = f"{kind.__module__}.{kind.__qualname__}"
        return Outcome(exception=name, traceback="".join(format_exception(error)))
    finally:
        close_old_connections()


def _listen(pipe: Connection, orders: queue.Queue[UUID]) -> None:
    """Pass orders on; end the process, in mid-job too, as soon as the worker is gone."""
    while True:
        try:
            orders.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(1)


def main(descriptor: int) -> None:
    """Run what the worker orders, for ever. Its worker decides about signals, so this process minds none."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)
    leave_out_pandas()
    pipe = Connection(descriptor)
    orders: queue.Queue[UUID] = queue.Queue()
    threading.Thread(target=_listen, args=(pipe, orders), daemon=True).start()
    django.setup()
    reporter.open(pipe)
    while True:
        reporter.tell(perform(orders.get()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
