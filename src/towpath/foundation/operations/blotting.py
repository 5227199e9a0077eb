"""Finding what names a person in texts, and blotting it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

BLOT = "(forgotten)"
SHORTEST = 4
"""Characters: a shorter text is found everywhere and would blot out what is not meant."""


@dataclass(frozen=True)
class Names:
    """Texts that name somebody, in upper or lower case, as they are and as JSON writes them."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Names:
        """Leaves out those too short to be meant."""
        long = {text for text in texts if len(text) >= SHORTEST}
        long |= {json.dumps(text, ensure_ascii=ascii)[1:-1] for text in long for ascii in (True, False)}
        return cls(tuple(sorted(long, key=lambda text: (-len(text), text))))

    @property
    def pattern(self) -> str:
        """A regular expression that finds any of them (RE2 understands it too)."""
        return "|".join(map(re.escape, self.texts))

    def are_in(self, text: str) -> bool:
        return bool(self.texts) and re.search(self.pattern, text, re.IGNORECASE) is not None

    def blotted(self, text: str) -> str:
        """The text without them."""
        return re.sub(self.pattern, BLOT, text, flags=re.IGNORECASE) if self.texts else text
