"""Findings and their lives, and the figures that stand until new events come."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.gate import Guarded
from towpath.improvement.rules.permissions import READ_FINDINGS, TELL_FINDINGS


class Finding(Guarded):
    """One trouble that ruins customers' days, seen once or again and again.

    `detected` is `schemas.findings.Detected` of the latest look that saw it; `key` the cause key's text.
    """

    read = READ_FINDINGS

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("accepted")
        MENDING = "mending", _("being mended")
        GONE = "gone", _("gone")
        BACK = "back", _("came back")
        DECLINED = "declined", _("declined")

    digest = models.CharField(_("number"), max_length=12, unique=True)
    key = models.CharField(_("key"), max_length=400, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    detected = models.JSONField(_("what was found"))
    score = models.FloatField(_("score"))
    grave = models.BooleanField(_("grave"), default=False)
    seen = models.BooleanField(_("seen by the latest look"), default=True)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    silent_since = models.DateTimeField(_("no data since"), null=True, blank=True)
    owner = models.CharField(_("owner"), max_length=200, blank=True)
    next_step = models.CharField(_("next step"), max_length=500, blank=True)
    due = models.DateField(_("due"), null=True, blank=True)
    expected_gain = models.FloatField(_("expected gain, ruined days a week"), null=True, blank=True)
    measured = models.JSONField(_("measured gain"), null=True, blank=True)
    declined_because = models.CharField(_("declined because"), max_length=500, blank=True)
    review_on = models.DateField(_("review on"), null=True, blank=True)

    class Meta:
        ordering = ["-grave", "-score", "key"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return self.key


class FindingStep(Guarded):
    """What happened to a finding: a state and who set it. Never changed, never removed."""

    read = READ_FINDINGS

    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, related_name="steps", verbose_name=_("finding")
    )
    at = models.DateTimeField(_("at"))
    state = models.CharField(_("state"), max_length=10, choices=Finding.State.choices)
    by = models.CharField(_("by"), max_length=200)
    note = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        ordering = ["finding", "at", "id"]
        verbose_name = _("step of a finding")
        verbose_name_plural = _("steps of findings")

    def __str__(self) -> str:
        return f"{self.finding} {self.state}"


class StandingDays(Guarded):
    """The latest look's figures (`schemas.days.Days`); one row. `lake_version`: what they were made from;
    `state`: the same, and journeys, rules and date besides (`queries.looks.state`)."""

    read = READ_FINDINGS

    body = models.JSONField(_("figures"))
    lake_version = models.BigIntegerField(_("version of the lake"))
    made_at = models.DateTimeField(_("made at"))
    took_s = models.FloatField(_("seconds it took"))
    state = models.CharField(_("what was looked at"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("figures of days")
        verbose_name_plural = _("figures of days")

    def __str__(self) -> str:
        return str(self.made_at)


class TellingRule(Guarded):
    """Who is told of which findings, and when.

    `families` and `news` are words of `rules.causes.Family` and `rules.telling.News`; no family means all.
    `language`: of its letters, that of who made the rule. `secret`: sealed with the home's key, webhooks
    only. `site`: how people open this Towpath.
    """

    read = TELL_FINDINGS

    class Means(models.TextChoices):
        EMAIL = "email", _("e-mail")
        WEBHOOK = "webhook", _("webhook")

    name = models.CharField(_("name"), max_length=120, unique=True)
    means = models.CharField(_("how"), max_length=10, choices=Means.choices)
    address = models.CharField(_("to"), max_length=1000)
    news = models.JSONField(_("when"))
    families = models.JSONField(_("kinds of trouble"), default=list)
    least_score = models.FloatField(_("at least so many ruined days a week"), default=0.0)
    secret = models.TextField(_("secret"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    site = models.CharField(_("address of this Towpath"), max_length=300, blank=True)
    active = models.BooleanField(_("active"), default=True)
    created_by = models.CharField(_("made by"), max_length=200)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("rule who is told")
        verbose_name_plural = _("rules who is told")

    def __str__(self) -> str:
        return self.name


class Delivery(Guarded):
    """One thing that was told, or is to be told. `step` is the finding's step that was news; None for a
    try-out."""

    read = TELL_FINDINGS

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    rule = models.ForeignKey(
        TellingRule, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("rule who is told")
    )
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, null=True, verbose_name=_("finding"))
    step = models.ForeignKey(FindingStep, on_delete=models.CASCADE, null=True, verbose_name=_("step"))
    news = models.CharField(_("news"), max_length=10)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    said = models.CharField(_("what the receiver said"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["rule", "step"], name="each_step_is_told_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.news} {self.pk}"
