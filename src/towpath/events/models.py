"""What was imported, and what was refused on the way in. The events themselves lie in the lake."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.events.rules import READ_EVENTS, READ_KEEPING, WRITE_EVENTS
from towpath.foundation.access.gate import Guarded


class FileImport(Guarded):
    """One file on its way into the lake. Its id is also the lake's application transaction: it lands once."""

    read = READ_EVENTS

    class State(models.TextChoices):
        DRAFT = "draft", _("waits for its mapping")
        WAITING = "waiting", _("waits for a worker")
        RUNNING = "running", _("is being read")
        DONE = "done", _("done")
        FAILED = "failed", _("not done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("file"), max_length=255)
    path = models.TextField(_("path"))
    uploaded = models.BooleanField(_("uploaded"), default=False)
    digest = models.CharField(_("digest"), max_length=32)
    mapping = models.TextField(_("mapping"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    bytes_total = models.BigIntegerField(_("bytes"), default=0)
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    written = models.BigIntegerField(_("written"), default=0)
    already_there = models.BigIntegerField(_("already there"), default=0)
    refused = models.BigIntegerField(_("refused"), default=0)
    nameless = models.BigIntegerField(_("naming nobody"), default=0)
    """Rows that became events without identifier and without case."""
    withdrawn = models.BigIntegerField(_("taken back"), default=0)
    """Events of earlier files that this one, which tells whole histories, does not tell any more."""
    treated = models.JSONField(_("masked"), default=dict)
    """What was masked on the way in: how many of each kind."""
    confirmed_by = models.CharField(_("confirmed by"), max_length=200, blank=True)
    confirmed_by_kind = models.CharField(_("kind of actor"), max_length=12, blank=True)
    error = models.TextField(_("what went wrong"), blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.name


class QuarantinedRecord(Guarded):
    """A refused record: kept as it came, with place and reason, until a person mends or dismisses it."""

    read = WRITE_EVENTS

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a person")
        REPLAYED = "replayed", _("mended and replayed")
        DISMISSED = "dismissed", _("dismissed")

    class Door(models.TextChoices):
        FILE = "file", _("in a file")
        HTTP = "http", _("over HTTP")

    door = models.CharField(_("door"), max_length=10, choices=Door.choices, default=Door.FILE)
    file_import = models.ForeignKey(
        FileImport, on_delete=models.PROTECT, related_name="quarantined", verbose_name=_("import"), null=True
    )
    format = models.CharField(_("format"), max_length=100, blank=True)
    """Of what came over HTTP: the content type under which the record by itself can be read again."""
    source = models.CharField(_("source"), max_length=200)
    place = models.CharField(_("place"), max_length=200)
    reason = models.TextField(_("reason"))
    raw = models.TextField(_("as it came"))
    seq = models.BigIntegerField(_("place among the rows"))
    nth = models.BigIntegerField(_("equal rows before it"))
    fingerprint = models.CharField(max_length=32)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    mended = models.TextField(_("mended"), blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("quarantined record")
        verbose_name_plural = _("quarantined records")
        indexes = [models.Index(fields=["state", "source"])]
        constraints = [
            models.UniqueConstraint(fields=["source", "fingerprint"], name="refused_once"),
            models.CheckConstraint(
                condition=models.Q(door="http") | models.Q(file_import__isnull=False),
                name="refused_in_a_file_or_over_http",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"

    @property
    def came(self) -> str:
        """The file that it stood in, or how else it came: for people."""
        return self.file_import.name if self.file_import else str(self.get_door_display())


class KeyTarget(models.Model):
    """Under whose key the events of a subject come into the lake, where that is not (or was not) its own."""

    own = models.BigIntegerField(primary_key=True)
    key = models.BigIntegerField(db_index=True)
    change = models.BigIntegerField(db_index=True)
    """The last `KeyChange` that named it: the highest one tells whether anything is new."""

    class Meta:
        verbose_name = _("key target")
        verbose_name_plural = _("key targets")

    def __str__(self) -> str:
        return f"{self.own}: {self.key}"


class KeyChange(models.Model):
    """A subject's key changed, and the lake does not show it yet. `before`: where events of it may lie."""

    id = models.BigAutoField(primary_key=True)
    own = models.BigIntegerField()
    before = models.BigIntegerField()

    class Meta:
        verbose_name = _("key change")
        verbose_name_plural = _("key changes")

    def __str__(self) -> str:
        return f"{self.own}: {self.before}"


class ForgottenKey(models.Model):
    """A subject who was forgotten: what happened up to `at` does not come in again.

    `digest` is a keyed hash of the subject's own key: nobody can tell from it who that was.
    """

    digest = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("forgotten subject")
        verbose_name_plural = _("forgotten subjects")

    def __str__(self) -> str:
        return str(self.digest)


class RetentionVersion(Guarded):
    """How long what is kept from then on (`keeping.periods.Periods` as JSON), numbered from 1."""

    read = READ_KEEPING

    number = models.PositiveIntegerField(_("number"), unique=True)
    body = models.JSONField(_("periods"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=200)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of retention")
        verbose_name_plural = _("versions of retention")

    def __str__(self) -> str:
        return str(self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is never changed: apply other periods instead.")
        super().save(*args, **kwargs)


class LakeLease(models.Model):
    """Who writes a lake that several nodes share: one row a lock, `token` empty while nobody holds it.

    Times are the database's, so that nodes whose clocks differ agree.
    """

    name = models.CharField(primary_key=True, max_length=40)
    holder = models.CharField(_("holder"), max_length=300, blank=True)
    token = models.CharField(max_length=32, blank=True)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("lease of the lake")
        verbose_name_plural = _("leases of the lake")

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
