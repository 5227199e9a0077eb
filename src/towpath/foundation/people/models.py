"""People who sign in, their roles, and the teams they work in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.people.rules import Role


class Team(models.Model):
    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """Someone with an account. What they may do follows from their roles (`RoleGrant`), never from Django's
    flags."""

    email = models.EmailField(_("e-mail address"), blank=True)
    teams = models.ManyToManyField(Team, related_name="members", blank=True, verbose_name=_("teams"))

    objects: ClassVar[UserManager[Person]] = UserManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def roles(self) -> frozenset[Role]:
        return frozenset(Role(grant.role) for grant in self.role_grants.all())


class RoleGrant(models.Model):
    """A person holds a role."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "role"], name="one_grant_a_role")]
        verbose_name = _("role grant")

    def __str__(self) -> str:
        return f"{self.person}: {self.role}"
