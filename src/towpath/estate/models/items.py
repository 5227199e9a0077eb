"""What exists, what each source says of it, and what a person decided where sources disagree."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.gate import Guarded


class Item(Guarded):
    """One thing of the estate. `kind` is a key of the estate's rules.

    `name`, `kind`, `owner` and `lifecycle` follow from facts, the rules' order of sources, and decisions;
    they stand here so that lists need not find them anew. `merged_into`: found to be the same thing as
    another; the row stays, so that old addresses lead on. `gone_since`: no source that saw it sees it any
    more.
    """

    read = READ_ESTATE

    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=300)
    owner = models.CharField(_("owner"), max_length=200, blank=True)
    lifecycle = models.CharField(_("lifecycle"), max_length=40, blank=True)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    gone_since = models.DateTimeField(_("gone since"), null=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("the same as")
    )
    conflicts = models.PositiveIntegerField(_("conflicts"), default=0)
    """Fields of which sources say different things and nobody has decided, and items it may be one with."""
    seen_by = models.PositiveIntegerField(_("sources that see it"), default=0)
    managed = models.BooleanField(_("managed"), default=False)
    """Whether another than an onlooker tells of it (`rules.ruling`)."""
    words = models.TextField(_("words"), blank=True)
    """What it can be found by: name and identity, in small letters."""

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes = [
            models.Index(fields=["name", "id"], name="item_by_name"),
            models.Index(fields=["kind", "name", "id"], name="item_by_kind"),
            models.Index(fields=["last_seen"], name="item_by_last_seen"),
            models.Index(fields=["name", "id"], condition=models.Q(conflicts__gt=0), name="item_in_conflict"),
            models.Index(fields=["name", "id"], condition=models.Q(managed=False), name="item_unmanaged"),
        ]

    def __str__(self) -> str:
        return self.name


class ItemKey(Guarded):
    """One way in which an item is known ("mac", "fqdn", "purl" ...), in one spelling. At any time a key is
    one item's. `family`: kinds that may be one thing share keys (`rules.ruling`)."""

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="keys", verbose_name=_("item"))
    family = models.CharField(_("family"), max_length=40)
    scheme = models.CharField(_("scheme"), max_length=40)
    value = models.CharField(_("value"), max_length=500)
    source = models.CharField(_("source"), max_length=100)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("identity key")
        verbose_name_plural = _("identity keys")
        constraints = [models.UniqueConstraint(fields=["family", "scheme", "value"], name="estate_key_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Sighting(Guarded):
    """A source sees, or saw, an item. `form`: what kind of source ("nmap", "agent", "csv" ...).
    `missing_since`: it looked where the item was and did not see it."""

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="sightings", verbose_name=_("item"))
    source = models.CharField(_("source"), max_length=100)
    form = models.CharField(_("form"), max_length=20)
    scope = models.CharField(_("where"), max_length=100, blank=True)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    missing_since = models.DateTimeField(_("missing since"), null=True)

    class Meta:
        ordering = ["source"]
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [models.UniqueConstraint(fields=["item", "source"], name="estate_sighting_once")]
        indexes = [models.Index(fields=["source", "missing_since"], name="sighting_by_source")]

    def __str__(self) -> str:
        return f"{self.source}: {self.item_id}"


class Fact(Guarded):
    """What a source says of an item: never changed, only ended (`until`) when it says something else or
    nothing any more."""

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="facts", verbose_name=_("item"))
    source = models.CharField(_("source"), max_length=100)
    field = models.CharField(_("field"), max_length=200)
    value = models.TextField(_("value"))
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        ordering = ["field", "source", "first_seen"]
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "source", "field"],
                condition=models.Q(until__isnull=True),
                name="estate_fact_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value[:100]}"


class Clash(Guarded):
    """A source knows `item` by a key that is `other`'s: they may be one thing. `settled_at`: somebody
    decided."""

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="clashes", verbose_name=_("item"))
    other = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", verbose_name=_("other item"))
    scheme = models.CharField(_("scheme"), max_length=40)
    value = models.CharField(_("value"), max_length=500)
    source = models.CharField(_("source"), max_length=100)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("clash of keys")
        verbose_name_plural = _("clashes of keys")
        constraints = [
            models.UniqueConstraint(fields=["item", "other", "scheme", "value"], name="estate_clash_once")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Decision(Guarded):
    """What a person said where sources disagree: which value of a field holds, or that two items are one
    (`other`). Undone, it holds no longer and stays on record."""

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("item"))
    field = models.CharField(_("field"), max_length=200, blank=True)
    value = models.TextField(_("value"), blank=True)
    other = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("the other item")
    )
    because = models.CharField(_("because"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)
    decided_by = models.CharField(_("decided by"), max_length=200)
    moved = models.JSONField(_("what was moved"), default=dict)
    """Of two that became one: rows that were the other's, by model, so that it can be undone."""
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("decision about the estate")
        verbose_name_plural = _("decisions about the estate")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "field"],
                condition=models.Q(undone_at__isnull=True, other__isnull=True),
                name="estate_decided_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value[:100]}"
