"""Reviews after incidents, and the actions that they lead to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.gate import Guarded
from towpath.improvement.models.findings import Finding
from towpath.improvement.rules.permissions import READ_FINDINGS


class Review(Guarded):
    """What people learn from one incident: a finding's trouble from `begin` on. Nobody is blamed: it asks
    what made it possible, not who.

    MTTR is four things; each of the moments ends one of them: acknowledged (somebody took it on), restored
    (customers are served again), resolved (the trouble is dealt with), repaired (what made it possible is
    mended). `detected` begins the first.
    """

    read = READ_FINDINGS

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="reviews", verbose_name=_("finding"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    begin = models.DateTimeField(_("began"))
    detected = models.DateTimeField(_("detected"), null=True, blank=True)
    acknowledged = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    restored = models.DateTimeField(_("restored"), null=True, blank=True)
    resolved = models.DateTimeField(_("resolved"), null=True, blank=True)
    repaired = models.DateTimeField(_("repaired"), null=True, blank=True)
    happened = models.TextField(_("what happened"), blank=True)
    helped = models.TextField(_("what helped"), blank=True)
    hindered = models.TextField(_("what hindered"), blank=True)
    factors = models.TextField(_("what made it possible"), blank=True)
    started_by = models.CharField(_("begun by"), max_length=200)
    started_at = models.DateTimeField(_("begun at"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        ordering = ["-begin", "-pk"]
        verbose_name = _("review after an incident")
        verbose_name_plural = _("reviews after incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=models.Q(state="open"), name="one_open_review_a_finding"
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding} {self.begin:%Y-%m-%d}"


class ReviewLine(Guarded):
    """What a person adds to a review's timeline."""

    read = READ_FINDINGS

    review = models.ForeignKey(Review, models.CASCADE, related_name="lines", verbose_name=_("review"))
    at = models.DateTimeField(_("at"))
    text = models.CharField(_("text"), max_length=500)
    by = models.CharField(_("by"), max_length=200)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("line of a review")
        verbose_name_plural = _("lines of reviews")

    def __str__(self) -> str:
        return f"{self.review} {self.at}"


class ReviewAction(Guarded):
    """Work that a review led to: who does what by when, and what came of it."""

    read = READ_FINDINGS

    class Kind(models.TextChoices):
        PREVENT = "prevent", _("so that it does not come back")
        DETECT = "detect", _("so that it is seen sooner")
        RECOVER = "recover", _("so that it is over sooner")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        DROPPED = "dropped", _("dropped")

    review = models.ForeignKey(Review, models.CASCADE, related_name="actions", verbose_name=_("review"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    text = models.CharField(_("what is done"), max_length=500)
    owner = models.CharField(_("owner"), max_length=200)
    due = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    result = models.CharField(_("what came of it"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=200, blank=True)

    class Meta:
        ordering = ["due", "pk"]
        verbose_name = _("action of a review")
        verbose_name_plural = _("actions of reviews")

    def __str__(self) -> str:
        # Without its words: the audit log keeps this, and they may name customers.
        return f"{self.review}: {self.kind} by {self.due}"
