"""What the API takes."""

from __future__ import annotations

from ninja import Schema

from towpath.foundation.accounts.rules import USUAL_KEY_DAYS


class WantedKey(Schema):
    name: str
    scopes: list[str]
    days: int = USUAL_KEY_DAYS


class MadeKey(Schema):
    """`key` is the secret: it is shown this once."""

    name: str
    prefix: str
    scopes: list[str]
    key: str
