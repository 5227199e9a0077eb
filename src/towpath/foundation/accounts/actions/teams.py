"""Writes: teams and who works in them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.text import slugify
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.accounts.rules import MANAGE_PEOPLE
from towpath.foundation.audit.writing import writing
from towpath.foundation.people.models import Person, Team


def create_team(actor: Actor, name: str, key: str = "") -> Team:
    """Make a team; its key is made from the name unless given. Raises ValidationError where it is taken."""
    with writing(actor, "team.created", MANAGE_PEOPLE) as write:
        team = Team(name=name.strip(), key=key.strip() or slugify(name))
        team.full_clean()
        team.save()
        write.about(team, after={"key": team.key, "name": team.name})
    return team


def join_team(actor: Actor, username: str, key: str) -> None:
    with writing(actor, "team.joined", MANAGE_PEOPLE) as write:
        person, team = _both(username, key)
        person.teams.add(team)
        write.about(team, after={"joined": person.username})


def leave_team(actor: Actor, username: str, key: str) -> None:
    with writing(actor, "team.left", MANAGE_PEOPLE) as write:
        person, team = _both(username, key)
        if not person.teams.filter(pk=team.pk).exists():
            raise ValidationError(
                _("%(person)s does not work in %(team)s.") % {"person": person.username, "team": team.name}
            )
        person.teams.remove(team)
        write.about(team, before={"left": person.username})


def _both(username: str, key: str) -> tuple[Person, Team]:
    person = Person.objects.filter(username=username).first()
    team = Team.objects.filter(key=key).first()
    if person is None or team is None:
        raise Http404(_("There is no such person or team."))
    return person, team
