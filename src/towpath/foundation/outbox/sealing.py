"""Secrets that have to be used again: kept sealed with the home's own key, never in clear in the records."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet
from django.conf import settings


def sealed(secret: str) -> str:
    return _seal().encrypt(secret.encode()).decode()


def unsealed(text: str) -> str:
    """Raises cryptography's InvalidToken where the home's key is another one."""
    return _seal().decrypt(text.encode()).decode()


def _seal() -> Fernet:
    own = hashlib.sha256(b"towpath webhooks " + settings.SECRET_KEY.encode()).digest()
    return Fernet(urlsafe_b64encode(own))
