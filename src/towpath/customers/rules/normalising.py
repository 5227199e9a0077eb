"""One spelling for identifiers that differ only in how they were written.

A phone number is brought to E.164 as far as that goes without a table of every country's numbering plan:
`+` and `00` begin an international number, one zero (or none) a national one, which gets the country's code
where the rules name it; what is in no country stays as its digits. Neither lengths nor areas are checked.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Way = Literal["exact", "mail", "phone"]

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,29}", re.ASCII)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_FEWEST_DIGITS = 5
"""Shorter ones (extensions, emergency calls) are no number of a person: they stay as they are."""


def kind_and_value(identifier: str) -> tuple[str, str]:
    """ "mail:a@b.example" -> ("mail", "a@b.example"); text that names no kind has the kind "": ("", text)."""
    kind, colon, value = identifier.partition(":")
    if colon and value.strip() and _KIND.fullmatch(kind):
        return kind, value
    return "", identifier


def normalised(value: str, way: Way, country: str = "") -> str:
    """The one spelling of a value; `country` is a calling code without its plus ("41")."""
    plain = unicodedata.normalize("NFC", value.strip())
    if way == "mail":
        return _mail(plain)
    return _phone(plain, country) if way == "phone" else plain


def _mail(text: str) -> str:
    """Only the domain is without case for certain; what stands before it is the owner's to decide."""
    local, at, domain = text.rpartition("@")
    return f"{local.strip()}@{domain.strip().lower().removesuffix('.')}" if at else text


def _phone(text: str, country: str) -> str:
    written = _TRUNK.sub("", text.lower().removeprefix("tel:"))
    digits = "".join(
        str(unicodedata.digit(each)) for each in written if unicodedata.digit(each, None) is not None
    )
    if len(digits) < _FEWEST_DIGITS:
        return text
    if written.lstrip().startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{country}{digits.removeprefix('0')}" if country else digits
