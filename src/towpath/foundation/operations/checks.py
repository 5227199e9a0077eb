"""Numbered checks of how Towpath is set up; `towpath` runs them first and stops with exit code 2 on an
error."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from towpath.foundation.operations.environment import text
from towpath.foundation.operations.home import home

TAG = "towpath"
OIDC = ("TOWPATH_OIDC_URL", "TOWPATH_OIDC_CLIENT_ID")


@register(TAG)
def home_can_be_written(**_kwargs: Any) -> list[CheckMessage]:
    root = home().root
    if root.is_dir() and os.access(root, os.W_OK | os.X_OK):
        return []
    hint = "Give it to the user that runs Towpath, or set TOWPATH_HOME to another folder."
    return [Error(f"The folder {root} cannot be written to.", hint=hint, id="towpath.E001")]


@register(TAG)
def secrets_are_private(**_kwargs: Any) -> list[CheckMessage]:
    open_files = [path.name for path in sorted(home().secrets.glob("*")) if path.stat().st_mode & 0o077]
    if not open_files:
        return []
    return [
        Error(
            f"Others can read these files in {home().secrets}: {', '.join(open_files)}.",
            hint="Set their mode to 600, and change the secrets if others use this machine.",
            id="towpath.E002",
        )
    ]


@register(TAG)
def oidc_is_whole(**_kwargs: Any) -> list[CheckMessage]:
    missing = [name for name in OIDC if not text(name)]
    if not missing or len(missing) == len(OIDC):
        return []
    hint = f"Set {missing[0]} too, or unset the others to sign in with local accounts alone."
    return [
        Error(
            f"Sign-in by OpenID Connect is half set: {missing[0]} is missing.", hint=hint, id="towpath.E003"
        )
    ]


@register(TAG)
def any_host_is_meant(**_kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Name the hosts in TOWPATH_ALLOWED_HOSTS, as people type them."
    return [Warning("Towpath answers to any host name.", hint=hint, id="towpath.W001")]


@register(TAG)
def debugging_is_off(**_kwargs: Any) -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    hint = "Unset TOWPATH_DEBUG wherever others can reach Towpath: error pages then show its inside."
    return [Warning("TOWPATH_DEBUG is on.", hint=hint, id="towpath.W002")]
