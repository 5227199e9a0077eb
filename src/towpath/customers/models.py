"""Who is who: identifiers, what shows that some are one customer's, and what people said about it.

Which identifiers are a customer's follows from links, decisions and rules alone (`rules.resolving`); it is
kept here so that it need not be found anew, and can be found anew at any time.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.gate import Guarded


class LinkRulesVersion(Guarded):
    """Rules that were in force from then on, numbered from 1.

    `body`: `rules.document.LinkRules` as JSON text: their order counts, and PostgreSQL would not keep it.
    """

    read = READ_CUSTOMERS

    number = models.PositiveIntegerField(_("number"), unique=True)
    body = models.TextField(_("rules"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=200)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of the link rules")
        verbose_name_plural = _("versions of the link rules")

    def __str__(self) -> str:
        return str(self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is never changed: apply other rules instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("A version is never removed: what was joined by it refers to it.")


class Customer(Guarded):
    """A customer, known by their identifiers; `key` is the key of the one that names them best.

    The lake holds their events under that key. A row without identifiers was joined into another one; it
    stays as long as it holds what a person said of it.
    """

    read = READ_CUSTOMERS

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")
        HOUSEHOLD = "household", _("household")

    key = models.BigIntegerField(_("key"), primary_key=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return str(self.key)


class Identifier(Guarded):
    """One way in which a customer was named, as it was written. `key`: the subject's key in the lake."""

    read = READ_CUSTOMERS

    class Proxy(models.TextChoices):
        NO = "", _("no")
        RULE = "rule", _("seen with too many")
        PERSON = "person", _("a person said so")
        CLEARED = "cleared", _("a person said that it is none")

    key = models.BigIntegerField(_("key"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=30)
    value = models.CharField(_("value"), max_length=500)
    normalised = models.CharField(_("in one spelling"), max_length=500)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, related_name="identifiers", verbose_name=_("customer")
    )
    """Empty until it was resolved for the first time."""
    source = models.CharField(_("first seen in"), max_length=200)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    proxy = models.CharField(_("proxy"), max_length=8, choices=Proxy.choices, blank=True, default=Proxy.NO)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        indexes = [models.Index(fields=["normalised", "kind"], name="identifier_in_one_spelling")]

    def __str__(self) -> str:
        return self.written

    @property
    def written(self) -> str:
        """As events carry it."""
        return self.value if self.kind == "other" else f"{self.kind}:{self.value}"

    @property
    def shared(self) -> bool:
        return self.proxy in {self.Proxy.RULE, self.Proxy.PERSON}


class Link(Guarded):
    """Two identifiers were seen together, on one event or in one session. `a` has the smaller key."""

    read = READ_CUSTOMERS

    a = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+", verbose_name=_("one"))
    b = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="+", verbose_name=_("other"))
    source = models.CharField(_("first seen in"), max_length=200)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    settled = models.BooleanField(default=False)
    """Whether what follows from it was found out."""

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [models.Index(fields=["id"], condition=models.Q(settled=False), name="link_to_settle")]
        constraints = [models.UniqueConstraint(fields=["a", "b"], name="linked_once")]

    def __str__(self) -> str:
        return f"{self.a_id}, {self.b_id}"


class Decision(Guarded):
    """What a person said about who is who. Undone, it holds no longer and stays on record."""

    read = READ_CUSTOMERS

    class Verdict(models.TextChoices):
        TOGETHER = "together", _("one customer")
        APART = "apart", _("different customers")

    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices)
    why = models.TextField(_("why"), blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.CharField(_("by"), max_length=200)
    undone_at = models.DateTimeField(_("undone at"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=200, blank=True)
    because_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="entailed")
    """The decision that brought this one about, or undid it: undone itself, it takes that back."""
    identifiers: models.ManyToManyField[Identifier, Said] = models.ManyToManyField(Identifier, through="Said")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return str(self.pk)


class Said(models.Model):
    """An identifier that a decision is about, on its side 0 or 1."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="parts")
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="said")
    side = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("part of a decision")
        verbose_name_plural = _("parts of decisions")
        constraints = [models.UniqueConstraint(fields=["decision", "identifier"], name="said_once")]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.identifier_id}"


class Move(Guarded):
    """History: identifiers went from one customer to another. `decision` is None where the rules did it."""

    read = READ_CUSTOMERS

    at = models.DateTimeField(_("at"), auto_now_add=True)
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="moves")
    before = models.BigIntegerField(_("from"))
    after = models.BigIntegerField(_("to"))
    rules = models.PositiveIntegerField(_("version of the rules"))
    decision = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="moves")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("move")
        verbose_name_plural = _("moves")

    def __str__(self) -> str:
        return f"{self.identifier_id}: {self.before}, {self.after}"


class Question(Guarded):
    """It is not clear whether `subject` and the others are one customer's: a person decides.

    Each is the identifier that names its customer best. `digest` is of them all.
    """

    read = READ_CUSTOMERS

    class Reason(models.TextChoices):
        CONTESTED = "contested", _("It could belong to either, not to both.")
        UNSURE = "unsure", _("They were seen together, which is not enough to join them.")
        ACCOUNTS = "accounts", _("They were seen together, and each has an account of its own.")

    class State(models.TextChoices):
        OPEN = "open", _("waits for a person")
        DECIDED = "decided", _("decided")
        GONE = "gone", _("settled by what was seen since")

    subject = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="questions")
    candidates = models.ManyToManyField(Identifier, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    confidence = models.FloatField(_("confidence"))
    digest = models.CharField(max_length=32, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    decision = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="answers")

    class Meta:
        ordering = ["-confidence", "pk"]
        verbose_name = _("open question")
        verbose_name_plural = _("open questions")
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return str(self.pk)


class Relationship(Guarded):
    """In which role one customer stands to another (a person to a company). Roles belong to it, not to them.

    It holds identifiers, since those stay when customers are joined.
    """

    read = READ_CUSTOMERS

    class Role(models.TextChoices):
        USER = "user", _("user")
        CUSTOMER = "customer", _("customer")
        SPONSOR = "sponsor", _("sponsor")

    member = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="stands_to")
    of = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.CharField(_("by"), max_length=200)

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [models.UniqueConstraint(fields=["member", "of", "role"], name="related_once")]

    def __str__(self) -> str:
        return f"{self.member_id}, {self.role}, {self.of_id}"


class Unresolved(models.Model):
    """Events came in whose identifiers nobody looked at yet: of a source's months, or received in between."""

    source = models.CharField(max_length=200, blank=True)
    months = models.JSONField(default=list)
    first_received = models.DateTimeField(null=True)
    last_received = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("range of events to resolve")
        verbose_name_plural = _("ranges of events to resolve")

    def __str__(self) -> str:
        return str(self.pk)


class OpenForgetting(models.Model):
    """A customer who is being forgotten: what is needed to go on after a kill, and goes with the rest of
    them. Nobody is joined with them meanwhile.

    Without `keys` nothing is left to be looked for, but the records' file may keep traces of it.
    """

    key = models.BigIntegerField(_("key"), unique=True)
    identifiers = models.JSONField(default=list)
    keys = models.JSONField(default=list)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("forgetting that is not done")
        verbose_name_plural = _("forgettings that are not done")

    def __str__(self) -> str:
        return str(self.key)

    @classmethod
    def all_keys(cls) -> set[int]:
        """Under which anything of those who are being forgotten may lie."""
        return {key for keys in cls.objects.values_list("keys", flat=True) for key in keys}
