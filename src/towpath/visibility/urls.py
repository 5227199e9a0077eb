"""Addresses of home and of the account for leaders, and who may open them."""

from towpath.foundation.access.routes import route
from towpath.improvement.rules.permissions import READ_FINDINGS
from towpath.visibility.pages import account, home

app_name = "visibility"
urlpatterns = [
    route("home/", home.now, name="home-now", access=READ_FINDINGS),
    route("account/", account.show, name="account", access=READ_FINDINGS),
    route("account/<int:year>-W<int:week>.pdf", account.printed, name="account-pdf", access=READ_FINDINGS),
]
