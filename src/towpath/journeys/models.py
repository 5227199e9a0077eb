"""Journeys and their versions. A version is never changed: another definition is another version."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.gate import Guarded
from towpath.journeys.rules.permissions import READ_JOURNEYS


class Journey(Guarded):
    """What customers set out to do. Its definition lies in its versions; the newest one counts."""

    read = READ_JOURNEYS

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name = _("journey")
        verbose_name_plural = _("journeys")

    def __str__(self) -> str:
        return self.key


class JourneyVersion(Guarded):
    """One definition (`rules.definition.Definition` as JSON), numbered from 1 within its journey."""

    read = READ_JOURNEYS

    journey = models.ForeignKey(
        Journey, on_delete=models.PROTECT, related_name="versions", verbose_name=_("journey")
    )
    number = models.PositiveIntegerField(_("number"))
    definition = models.JSONField(_("definition"))
    digest = models.CharField(_("digest"), max_length=32)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=200)

    class Meta:
        ordering = ["journey", "-number"]
        verbose_name = _("version of a journey")
        verbose_name_plural = _("versions of journeys")
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="version_numbered_once")]

    def __str__(self) -> str:
        return f"{self.journey} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is never changed: apply another definition instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("A version is never removed: figures of the past refer to it.")


class StandingFigures(Guarded):
    """A figure of a journey's version as a whole, as it was in one state of the lake; a worker makes it anew.

    `kind`: which record `body` (JSON) is; `state`: of the lake (`queries.standing.state_of`).
    """

    read = READ_JOURNEYS

    version = models.ForeignKey(
        JourneyVersion, on_delete=models.CASCADE, related_name="standing", verbose_name=_("version")
    )
    kind = models.CharField(_("kind"), max_length=20)
    body = models.TextField(_("figures"))
    state = models.CharField(_("state of the lake"), max_length=60)
    made_at = models.DateTimeField(_("made at"))
    took_s = models.FloatField(_("seconds it took"))

    class Meta:
        verbose_name = _("standing figures")
        verbose_name_plural = _("standing figures")
        constraints = [models.UniqueConstraint(fields=["version", "kind"], name="stands_once")]

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"
