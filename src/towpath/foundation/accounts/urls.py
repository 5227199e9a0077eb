"""Addresses of people, teams and API keys, and who may open them."""

from towpath.foundation.access.routes import route
from towpath.foundation.access.rules import OWN_KEYS
from towpath.foundation.accounts import pages
from towpath.foundation.accounts.rules import MANAGE_PEOPLE, READ_PEOPLE

urlpatterns = [
    route("administration/people/", pages.list_people, name="people", access=READ_PEOPLE),
    route("administration/people/new/", pages.new_person, name="new-person", access=MANAGE_PEOPLE),
    route("administration/people/<int:person_id>/", pages.show_person, name="person", access=READ_PEOPLE),
    route(
        "administration/people/<int:person_id>/decide/",
        pages.decide_about_person,
        name="person-decision",
        access=MANAGE_PEOPLE,
    ),
    route("administration/teams/", pages.list_teams, name="teams", access=READ_PEOPLE),
    route("administration/teams/new/", pages.new_team, name="new-team", access=MANAGE_PEOPLE),
    route("administration/keys/", pages.api_keys, name="api-keys", access=OWN_KEYS),
    route("administration/keys/<slug:prefix>/revoke/", pages.revoke_key, name="revoke-key", access=OWN_KEYS),
]
