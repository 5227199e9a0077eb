"""Desks: sources whose events are tickets on their way."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class Desk(Guarded):
    """One desk: its source in the lake, and how its events are read as tickets (`rules.reading`).

    `name` stands in addresses; `proposed`: nobody has looked at the reading yet; `given`: of the reading that
    a mapping brought last, so that importing by the same mapping again does not undo what a person changed.
    `as_of`: the source's watermark when its tickets were last brought up to date, UTC microseconds.
    """

    read = READ_DESK

    name = models.SlugField(_("name"), max_length=60, unique=True)
    source = models.CharField(_("source"), max_length=200, unique=True)
    reading = models.TextField(_("reading"))
    given = models.CharField(_("digest of what a mapping gave"), max_length=32, blank=True)
    proposed = models.BooleanField(_("proposed"), default=False)
    as_of = models.BigIntegerField(_("as of"), null=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.CharField(_("changed by"), max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name = _("desk")
        verbose_name_plural = _("desks")

    def __str__(self) -> str:
        return self.name
