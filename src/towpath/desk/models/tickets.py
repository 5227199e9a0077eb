"""Tickets as they stand: one row each, made from their movements in the lake, for lists and search."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class Ticket(Guarded):
    """The present state of a ticket. Everything here follows from its movements, the desk's reading and the
    agreements in force, and can be made anew at any time. Times are UTC microseconds.

    `subjects`: 64-bit keys of whom its events belong to, by which they are found in the lake. `state`: class
    of states, `raw_state` as the source writes it. `words`: what it can be found by. `disordered`: resolved
    or closed before it was opened, by the source's own times; such a ticket has no clock. `repeat_of`: the
    number of the ticket that it repeats. `solving`, `answering`: what its clocks do, `due` until when
    (missed: since when). `digest`: of all of these, so that what did not change is not written.
    """

    read = READ_DESK

    class Clock(models.TextChoices):
        NONE = "", _("nothing agreed")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("met")
        MISSED = "missed", _("missed")
        CANCELLED = "cancelled", _("cancelled")

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", verbose_name=_("desk"))
    number = models.CharField(_("number"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12)
    title = models.CharField(_("title"), max_length=500, blank=True)
    customer = models.CharField(_("customer"), max_length=500, blank=True)
    subjects = models.TextField(_("subjects"))
    opened = models.BigIntegerField(_("opened"))
    moved = models.BigIntegerField(_("last movement"))
    resolved = models.BigIntegerField(_("resolved"), null=True)
    closed = models.BigIntegerField(_("closed"), null=True)
    state = models.CharField(_("state"), max_length=20)
    raw_state = models.CharField(_("state, as written"), max_length=200, blank=True)
    is_open = models.BooleanField(_("open"))
    priority = models.CharField(_("priority"), max_length=100, blank=True)
    team = models.CharField(_("team"), max_length=200, blank=True)
    tier = models.SmallIntegerField(_("tier"), null=True)
    topic = models.CharField(_("topic"), max_length=300, blank=True)
    service = models.CharField(_("service"), max_length=200, blank=True)
    agent = models.CharField(_("agent"), max_length=200, blank=True)
    hand_overs = models.PositiveIntegerField(_("hand-overs"))
    reopened = models.PositiveIntegerField(_("reopened"))
    ping_pong = models.BooleanField(_("ping-pong"))
    disordered = models.BooleanField(_("ends before it begins"))
    repeat_of = models.CharField(_("repeat of"), max_length=200, blank=True)
    made_sla = models.BooleanField(_("made its SLA, as the source says"), null=True)
    solving = models.CharField(_("resolution clock"), max_length=10, choices=Clock.choices, blank=True)
    due = models.BigIntegerField(_("due"), null=True)
    answering = models.CharField(_("response clock"), max_length=10, choices=Clock.choices, blank=True)
    answer_due = models.BigIntegerField(_("answer due"), null=True)
    link = models.CharField(_("link"), max_length=500, blank=True)
    words = models.TextField(_("words"), blank=True)
    digest = models.BigIntegerField()

    class Meta:
        ordering = ["-opened", "-pk"]
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="ticket_number")]
        indexes = [
            models.Index(fields=["desk", "opened", "id"], name="ticket_opened"),
            models.Index(fields=["desk", "state", "opened", "id"], name="ticket_state"),
            models.Index(fields=["desk", "team", "opened", "id"], name="ticket_team"),
            models.Index(fields=["desk", "tier", "opened", "id"], name="ticket_tier"),
            models.Index(fields=["desk", "topic", "opened", "id"], name="ticket_topic"),
            models.Index(fields=["desk", "priority", "opened", "id"], name="ticket_priority"),
            models.Index(fields=["desk", "customer", "topic", "resolved"], name="ticket_customer"),
            models.Index(
                fields=["desk", "opened", "id"], condition=models.Q(is_open=True), name="ticket_open"
            ),
            models.Index(
                fields=["desk", "due"], condition=models.Q(is_open=True, due__isnull=False), name="ticket_due"
            ),
            models.Index(
                fields=["desk", "opened", "id"], condition=models.Q(ping_pong=True), name="ticket_ping_pong"
            ),
            models.Index(
                fields=["desk", "opened", "id"], condition=models.Q(reopened__gt=0), name="ticket_reopened"
            ),
            models.Index(
                fields=["desk", "opened", "id"], condition=models.Q(solving="missed"), name="ticket_missed"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TicketNote(models.Model):
    """Events of a desk, received since then (UTC microseconds; 0: all there are), that its tickets do not
    show yet."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", verbose_name=_("desk"))
    since = models.BigIntegerField(_("since"))

    class Meta:
        verbose_name = _("note of new events")
        verbose_name_plural = _("notes of new events")

    def __str__(self) -> str:
        return str(self.pk)
