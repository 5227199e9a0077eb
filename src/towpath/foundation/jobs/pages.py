"""Pages: background jobs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from towpath.foundation.access.routes import ActorRequest, route
from towpath.foundation.jobs import actions, queries
from towpath.foundation.jobs.rules import MANAGE_JOBS, READ_JOBS, State


@require_safe
def jobs(request: ActorRequest) -> HttpResponse:
    wanted = request.GET.get("state", "")
    state = State(wanted) if wanted in State.values else None
    context = {
        "found": queries.list_jobs(request.actor, state),
        "schedules": queries.list_schedules(request.actor),
        "states": State.choices,
        "state": state.value if state else "",
        "may_manage": request.actor.may(MANAGE_JOBS),
    }
    return render(request, "jobs/jobs.html", context)


@require_safe
def job(request: ActorRequest, job_id: UUID) -> HttpResponse:
    context = {"job": queries.get_job(request.actor, job_id), "may_manage": request.actor.may(MANAGE_JOBS)}
    return render(request, "jobs/job.html", context)


@require_POST
def decide(request: ActorRequest, job_id: UUID) -> HttpResponseBase:
    try:
        if request.POST.get("decision") == "give-up":
            actions.give_up(request.actor, job_id)
            messages.success(request, _("The job is given up."))
        else:
            actions.run_again(request.actor, job_id)
            messages.success(request, _("The job waits for the next free worker."))
    except actions.NotNow as error:
        messages.error(request, str(error))
    return redirect("jobs")


urlpatterns = [
    route("administration/jobs/", jobs, name="jobs", access=READ_JOBS),
    route("administration/jobs/<uuid:job_id>/", job, name="job", access=READ_JOBS),
    route("administration/jobs/<uuid:job_id>/decision/", decide, name="job-decision", access=MANAGE_JOBS),
]
