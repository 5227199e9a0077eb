"""Every address. Pages state who may open them (`route`); the API's operations do so by `needs`."""

from django.urls import include, path

from towpath.site.api import api

urlpatterns = [
    path("api/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("towpath.foundation.ui.pages")),
]
