"""Addresses of which nobody said who may open them; the other names are there for the page of the refusal."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from towpath.site import urls


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse("this must not be seen")


urlpatterns = [*urls.urlpatterns, path("silent/", silent)]
