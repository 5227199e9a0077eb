"""Every address. Pages state who may open them (`route`); the API's operations do so by `needs`."""

from functools import partial

from django.urls import include, path
from django.urls.resolvers import URLPattern

from towpath.events.rules import WRITE_EVENTS
from towpath.foundation.access.routes import route
from towpath.foundation.access.rules import READ_METRICS
from towpath.foundation.operations import health, metrics
from towpath.site import pages
from towpath.site.api import api
from towpath.site.demo import pages as demo_pages

operations, _app, _namespace = api.urls
answered = [
    entry
    for entry in operations
    if not (isinstance(entry, URLPattern) and isinstance(entry.callback, partial))
]
"""Without the API's root, which says nothing to anybody."""

urlpatterns = [
    route("", pages.start, name="start", access="signed-in"),
    route("demo/leave/", demo_pages.leave, name="demo-leave", access=WRITE_EVENTS),
    route("demo/look/", demo_pages.look, name="demo-look", access=WRITE_EVENTS),
    route("healthz", health.alive, name="healthz", access="public"),
    route("readyz", health.ready, name="readyz", access="public"),
    route("metrics", metrics.metrics, name="metrics", access=READ_METRICS, keys=True),
    path("api/", (answered, "ninja", "api")),
    path("accounts/", include("towpath.foundation.accounts.sign_in_urls")),
    path("", include("towpath.foundation.ui.pages")),
    path("", include("towpath.foundation.accounts.urls")),
    path("", include("towpath.foundation.audit.pages")),
    path("", include("towpath.foundation.outbox.pages")),
    path("", include("towpath.foundation.jobs.pages")),
    path("", include("towpath.events.urls")),
    path("", include("towpath.customers.urls")),
    path("", include("towpath.estate.urls")),
    path("", include("towpath.catalogue.urls")),
    path("", include("towpath.journeys.urls")),
    path("", include("towpath.desk.urls")),
    path("", include("towpath.improvement.urls")),
    path("", include("towpath.visibility.urls")),
]
