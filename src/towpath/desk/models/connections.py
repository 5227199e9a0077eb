"""Connections to helpdesks whose tickets are fetched on a schedule."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.gate import Guarded


class Connection(Guarded):
    """Where tickets are fetched, as whom, and how far that has come.

    `name` is the source of the events. `secret`: a password or token, sealed with the home's key. `query`:
    which tickets (JQL, or an encoded query of ServiceNow), all where empty. `mapping`: made with the first.
    `cursor`: up to when changes were fetched (UTC); `seen`: what was fetched since `cursor` less the overlap,
    ticket to its last change.
    """

    read = MANAGE_DESK

    class Kind(models.TextChoices):
        JIRA = "jira", _("Jira Cloud")
        JIRA_DC = "jira-dc", _("Jira Data Center")
        SERVICENOW = "servicenow", _("ServiceNow")

    name = models.SlugField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    url = models.CharField(_("address"), max_length=300)
    account = models.CharField(_("account"), max_length=200, blank=True)
    secret = models.TextField(_("secret"))
    query = models.CharField(_("which tickets"), max_length=2000, blank=True)
    table = models.CharField(_("table"), max_length=80, default="incident")
    every_s = models.PositiveIntegerField(_("seconds between two looks"), default=300)
    mask = models.BooleanField(_("mask who is named"), default=True)
    active = models.BooleanField(_("active"), default=True)
    mapping = models.TextField(_("mapping"), blank=True)
    cursor = models.DateTimeField(_("fetched up to"), null=True)
    seen = models.JSONField(default=dict)
    tickets = models.BigIntegerField(_("tickets fetched"), default=0)
    not_before = models.DateTimeField(_("next look"), null=True)
    fetched_at = models.DateTimeField(_("last look that succeeded"), null=True)
    problem = models.TextField(_("what went wrong"), blank=True)
    created_by = models.CharField(_("made by"), max_length=200)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("connection to a helpdesk")
        verbose_name_plural = _("connections to helpdesks")

    def __str__(self) -> str:
        return self.name
