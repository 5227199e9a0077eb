"""API: jobs and schedules."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from ninja.errors import HttpError

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shape_of, shapes_of
from towpath.foundation.jobs import actions, queries
from towpath.foundation.jobs.rules import MANAGE_JOBS, READ_JOBS, State
from towpath.foundation.operations.paging import FURTHEST

router = Router(tags=["jobs"])


@router.get("/jobs", auth=needs(READ_JOBS), response=shape_of(queries.JobList))
def list_jobs(
    request: HttpRequest,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=FURTHEST)] = 0,
) -> queries.JobList:
    """Background jobs, newest first."""
    return queries.list_jobs(actor_in(request), state, limit=limit, offset=offset)


@router.get("/jobs/{job_id}", auth=needs(READ_JOBS), response=shape_of(queries.JobRow))
def get_job(request: HttpRequest, job_id: UUID) -> queries.JobRow:
    """One job."""
    return queries.get_job(actor_in(request), job_id)


@router.post("/jobs/{job_id}/run-again", auth=needs(MANAGE_JOBS), response=shape_of(queries.JobRow))
def run_again(request: HttpRequest, job_id: UUID) -> queries.JobRow:
    """Let a failed or given-up job run again, with all its attempts. 409 for one that runs or is done."""
    try:
        actions.run_again(actor_in(request), job_id)
    except actions.NotNow as error:
        raise HttpError(409, str(error)) from error
    return queries.read_job(job_id)


@router.post("/jobs/{job_id}/give-up", auth=needs(MANAGE_JOBS), response=shape_of(queries.JobRow))
def give_up(request: HttpRequest, job_id: UUID) -> queries.JobRow:
    """Settle that a job is not to be run any more; a running one is ended. 409 for one that is done."""
    try:
        actions.give_up(actor_in(request), job_id)
    except actions.NotNow as error:
        raise HttpError(409, str(error)) from error
    return queries.read_job(job_id)


@router.get("/schedules", auth=needs(READ_JOBS), response=shapes_of(queries.ScheduleRow))
def list_schedules(request: HttpRequest) -> list[queries.ScheduleRow]:
    """Jobs that come again and again, and when they are due."""
    return queries.list_schedules(actor_in(request))
