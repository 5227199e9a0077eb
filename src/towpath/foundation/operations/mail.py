"""How Towpath sends e-mail: by `TOWPATH_EMAIL_URL`; where that is not set, it sends none and says so."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from towpath.foundation.operations.environment import BadSetting


@dataclass(frozen=True)
class Mail:
    """A mail server; `host` is empty where there is none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def mail_of(url: str) -> Mail:
    """smtp:// goes on in TLS (STARTTLS), smtps:// starts with it, smtp+plain:// is for a server on the same
    machine.

    Raises BadSetting for anything else, without repeating the password.
    """
    if not url:
        return Mail()
    parts = urlsplit(url)
    usual = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
    if parts.scheme not in usual or not parts.hostname:
        raise BadSetting("TOWPATH_EMAIL_URL must read smtp://USER:PASSWORD@HOST:PORT (or smtps://).")
    return Mail(
        host=parts.hostname,
        port=parts.port or usual[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp",
    )
