"""Finding what names a person in texts, and blotting it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

BLOT = "(forgotten)"
_WORD = "0-9A-Za-zÀ-ɏ"
_GLUE = "_.@-"
_ESCAPE = r"\\[bfnrt]|\\u(?:00[01ab]|20[0-9a-f]|30[0-9a-f])[0-9a-f]"
_BEFORE = rf"((?:^|[^{_WORD}+{_GLUE}]|{_ESCAPE})[+{_GLUE}]*)"
_AFTER = rf"([{_GLUE}]*(?:$|[^{_WORD}{_GLUE}]))"
"""A name is found as a whole word only: forgetting crm:1234 touches neither crm:12345 nor x.r@post.example,
but -r@post.example is theirs. JSON writes line breaks and quotation marks as letters (`\\n`): they end a
word too. No look-around, so that Arrow's expressions (RE2) mean the same."""


def telling(value: str) -> bool:
    """Whether a value by itself, without its kind, names somebody: a mail address, a phone number with its
    country, or six characters and more that hold letters and digits. `1234` or `true` stand for many things.
    """
    if "@" in value:
        return len(value) >= 6
    if _is_number(value):
        return False  # 12e456 stands bare in JSON, which would be none without it
    digits, letters = sum(map(str.isdigit, value)), sum(map(str.isalpha, value))
    return (value.startswith("+") and digits >= 7) or (len(value) >= 6 and digits > 0 and letters > 0)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return not value.startswith("+")


@dataclass(frozen=True)
class Names:
    """Texts that name somebody, in upper or lower case, as they are and as JSON writes them."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, identifiers: Iterable[str]) -> Names:
        """The identifiers ("mail:a@b.example") whole, and their values where these are `telling`."""
        whole = set(identifiers)
        found = whole | {value for each in whole if telling(value := each.partition(":")[2])}
        found |= {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in found for ascii in (True, False)}
        return cls(tuple(sorted(filter(None, found), key=lambda text: (-len(text), text))))

    @property
    def pattern(self) -> str:
        """A regular expression that finds any of them; its groups are what stands before and after."""
        return f"{_BEFORE}(?:{'|'.join(map(re.escape, self.texts))}){_AFTER}"

    def are_in(self, text: str) -> bool:
        return bool(self.texts) and re.search(self.pattern, text, re.IGNORECASE) is not None

    def blotted(self, text: str) -> str:
        """The text without them. Twice: two names may share the character between them."""
        for _twice in range(2) if self.texts else ():
            text = re.sub(self.pattern, rf"\1{BLOT}\2", text, flags=re.IGNORECASE)
        return text
