"""How sign-in behaves: accounts are made by administrators or by the organisation's OpenID Connect, not by
passers-by."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm, ResetPasswordKeyForm
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.accounts.actions.people import change_own_password, grant_role
from towpath.foundation.accounts.first_administrator import ensure_first_administrator
from towpath.foundation.people.models import Person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Whoever the organisation's own sign-in lets through gets an account, with the role set for
    newcomers."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        return True

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Person:
        person: Person = super().save_user(request, sociallogin, form)
        return grant_role(OPERATOR, person.username, settings.OIDC_ROLE)


class PlainLoginForm(LoginForm):  # type: ignore[misc]
    """Allauth's form, without its placeholders: the labels say it, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AuditedChangePasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """Allauth's form; the write goes through our action, so that the audit log knows of it."""

    def save(self) -> None:
        change_own_password(actor_of(self.user), self.user, self.cleaned_data["password1"])


class AuditedResetPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """The last step of a reset by e-mail, as our action too."""

    def save(self) -> None:
        change_own_password(actor_of(self.user), self.user, self.cleaned_data["password1"])


class HonestResetPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Where no mail server is set, nobody is told that a mail is on its way."""

    def clean_email(self) -> str:
        if not settings.EMAIL_HOST:
            raise ValidationError(_("Towpath sends no e-mail here: ask an administrator for a new password."))
        address: str = super().clean_email()
        return address


@receiver(user_logged_in)
def forget_the_first_password(**_kwargs: Any) -> None:
    """The file with the first administrator's password has served once somebody signs in."""
    ensure_first_administrator()
