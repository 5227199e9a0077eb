"""The looks that a person may choose."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCHEME_COOKIE = "scheme"

SCHEMES: dict[str, str | Promise] = {"": _("As the device is set"), "light": _("Light"), "dark": _("Dark")}
"""What the cookie may hold, and its name for people; empty follows the browser's own setting."""


def chosen_scheme(cookies: Mapping[str, str]) -> str:
    """Return "light", "dark", or "" for whatever the device is set to (nonsense counts as "")."""
    kept = cookies.get(SCHEME_COOKIE, "")
    return kept if kept in SCHEMES else ""
