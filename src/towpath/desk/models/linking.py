"""What people said of links that tickets lack."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class LinkWord(Guarded):
    """What a person said of tickets that do not name their service or component; remembered when history is
    read again. What the source says goes before it.

    With `number` it is said of that ticket; else of all tickets of the topic that the team had last, those to
    come too. `how`: the evidence that it was proposed by. `refused`: this value is not proposed any more.
    """

    read = READ_DESK

    class Field(models.TextChoices):
        SERVICE = "service", _("service")
        COMPONENT = "component", _("component")

    class How(models.TextChoices):
        ALIKE = "alike", _("others of its topic and team")
        NAMED = "named", _("named in its text")
        MET = "met", _("a fault that the customer met shortly before")
        SAID = "said", _("said of this ticket")

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="link_words")
    field = models.CharField(_("field"), max_length=10, choices=Field.choices)
    how = models.CharField(_("by"), max_length=6, choices=How.choices)
    topic = models.CharField(_("topic"), max_length=300, blank=True)
    team = models.CharField(_("team"), max_length=200, blank=True)
    number = models.CharField(_("ticket"), max_length=200, blank=True)
    value = models.CharField(_("value"), max_length=300)
    refused = models.BooleanField(_("refused"), default=False)
    said_by = models.CharField(_("said by"), max_length=200)
    said_at = models.DateTimeField(_("said at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("word on a missing link")
        verbose_name_plural = _("words on missing links")
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "field", "how", "topic", "team", "number", "value"],
                name="desk_one_word_a_link",
            )
        ]

    def __str__(self) -> str:
        return f"{self.desk}: {self.field} {self.value}"
