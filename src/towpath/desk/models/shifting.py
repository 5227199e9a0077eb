"""What people said of topics, and what they decided about where work is done."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class TopicWord(Guarded):
    """What a person said of a topic; remembered when history is read again.

    `topic`: its name as given or found; with `containing` only its tickets whose title or text holds that.
    `called`: the name they go under: another name, the name of another topic (merged, moved), or a new one
    (split). `demand`: failure or value demand by a person's word.
    """

    read = READ_DESK

    class Demand(models.TextChoices):
        UNSAID = "", _("by the rule")
        FAILURE = "failure", _("failure demand")
        VALUE = "value", _("value demand")

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="topic_words")
    topic = models.CharField(_("topic"), max_length=300)
    containing = models.CharField(_("containing"), max_length=200, blank=True)
    called = models.CharField(_("called"), max_length=300, blank=True)
    demand = models.CharField(_("demand"), max_length=8, choices=Demand.choices, blank=True)
    said_by = models.CharField(_("said by"), max_length=200)
    said_at = models.DateTimeField(_("said at"), auto_now=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("word on a topic")
        verbose_name_plural = _("words on topics")
        constraints = [
            models.UniqueConstraint(fields=["desk", "topic", "containing"], name="desk_one_word_a_topic")
        ]

    def __str__(self) -> str:
        return f"{self.desk}: {self.topic}"


class ShiftDecision(Guarded):
    """A topic's work is done at another level from `moves_on`. The forecast stands as it was when it was
    decided.

    `led_from`: the first day that led to the choice; its baseline ends before. `gate`: what the level must be
    given, by name, and the answer. `cost_hours`: of the change, as entered.
    """

    read = READ_DESK

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="decisions")
    topic = models.CharField(_("topic"), max_length=300)
    level = models.CharField(_("level"), max_length=20)
    led_from = models.DateField(_("led from"))
    moves_on = models.DateField(_("moves on"))
    gate = models.JSONField(_("what the level was given"), default=dict)
    used = models.FloatField(_("share that uses it"))
    success = models.FloatField(_("share that succeeds"))
    forecast_hours = models.FloatField(_("hours a year forecast"))
    forecast_low = models.FloatField(_("at least"))
    forecast_high = models.FloatField(_("at most"))
    cost_hours = models.FloatField(_("hours that the change costs"), null=True)
    decided_by = models.CharField(_("decided by"), max_length=200)
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    class Meta:
        ordering = ["-decided_at", "-pk"]
        verbose_name = _("decision where work is done")
        verbose_name_plural = _("decisions where work is done")

    def __str__(self) -> str:
        return f"{self.desk}: {self.topic} > {self.level}"
