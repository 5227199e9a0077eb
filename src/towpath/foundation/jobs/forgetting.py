"""Taking a person out of the arguments and results of background jobs."""

from __future__ import annotations

import json

from django_tasks_db.models import DBTaskResult

from towpath.foundation.jobs.scheduling import UNFINISHED
from towpath.foundation.operations.forgetting import Person, erases


@erases("background jobs")
def forget_in_jobs(person: Person) -> int:
    """Ended jobs that name them go; of those that still wait, the names are blotted out."""
    names, gone = person.names, 0
    for job in DBTaskResult.objects.iterator(500):
        told = json.dumps([job.args_kwargs, job.return_value], ensure_ascii=False, default=str)
        if not names.are_in(f"{told}\n{job.traceback}"):
            continue
        gone += 1
        if job.status in UNFINISHED:
            job.args_kwargs = json.loads(names.blotted(json.dumps(job.args_kwargs, ensure_ascii=False)))
            job.save(update_fields=["args_kwargs"])
        else:
            job.delete()
    return gone
