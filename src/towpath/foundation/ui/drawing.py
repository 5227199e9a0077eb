"""Drawing in SVG: colours are our tokens, so that one drawing serves the page (light and dark) and a file.

On a page a colour is `var(--ink)`, which follows the person's scheme. In a file that stands alone it is the
token's light value, since programs that show SVG know no tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from unicodedata import east_asian_width

Attribute = str | float | int | None

NARROW = frozenset("iljtfrI.,:;'|!() ")
WIDE = frozenset("mwMWABCDGHKNOQRUVXYZ%@")


@cache
def light_tokens() -> dict[str, str]:
    """Every colour token of `tokens.css`, with its light value ("ink" -> "#14232b")."""
    text = files("towpath.foundation.ui").joinpath("static/ui/tokens.css").read_text()
    return dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}),", text))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, in pixels; from four classes of letters, a little on the wide side."""
    return sum(_ems(letter) for letter in text) * size * (1.06 if bold else 1.0)


def _ems(letter: str) -> float:
    if letter in NARROW:
        return 0.32
    if letter in WIDE:
        return 0.76
    return 1.0 if _is_square(letter) else 0.57


def _is_square(letter: str) -> bool:
    """Chinese and its like: each letter fills a square, and lines may end after any."""
    return letter > "\u2e7f" and east_asian_width(letter) in "WF"


def wrap(text: str, width: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """At most so many lines that fit; what does not fit is cut with an ellipsis."""
    wrapped = [""]
    for word, joint in _words(text):
        longer = f"{wrapped[-1]}{joint}{word}".strip()
        if wrapped[-1] and text_width(longer, size, bold=bold) > width:
            wrapped.append(word)
        else:
            wrapped[-1] = longer
    kept = wrapped[:lines]
    if len(wrapped) > lines:
        kept[-1] += "…"
    return [_cut(line, width, size, bold=bold) for line in kept]


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Pieces between which a line may end, each with what stands before it where the line does not."""
    for word in text.split():
        joint = " "
        for piece in re.findall(r"[^\u2e80-\uffef]+|[\u2e80-\uffef]", word):
            yield piece, joint
            joint = ""


def _cut(line: str, width: float, size: float, *, bold: bool) -> str:
    while len(line) > 2 and text_width(line, size, bold=bold) > width:
        line = line.rstrip("…")[:-1].rstrip() + "…"
    return line


class Drawing:
    """Shapes in the order they are drawn. `standalone` is for a file; else the colours follow the page."""

    def __init__(self, *, standalone: bool) -> None:
        self.standalone = standalone
        self._parts: list[str] = []

    def paint(self, token: str) -> str:
        """A token's colour; raises KeyError for one that `tokens.css` does not have."""
        value = light_tokens()[token]
        return value if self.standalone else f"var(--{token})"

    def add(self, name: str, content: str = "", told: str = "", /, **attributes: Attribute) -> None:
        """One element. `fill` and `stroke` are tokens; names are written with "_" for "-" ("text_anchor").

        `told` is what shows when one points at it.
        """
        inner = (f"<title>{escape(told)}</title>" if told else "") + escape(content)
        self._parts.append(f"<{name}{self._written(attributes)}>{inner}</{name}>")

    def rect(
        self, x: float, y: float, width: float, height: float, told: str = "", /, **attributes: Attribute
    ) -> None:
        self.add("rect", "", told, x=x, y=y, width=max(width, 0), height=max(height, 0), **attributes)

    def text(
        self,
        x: float,
        y: float,
        content: str,
        /,
        *,
        fill: str = "ink",
        size: float = 13,
        **attributes: Attribute,
    ) -> None:
        self.add("text", content, "", x=x, y=y, font_size=size, fill=fill, **attributes)

    def open(self, name: str, **attributes: Attribute) -> None:
        self._parts.append(f"<{name}{self._written(attributes)}>")

    def close(self, name: str) -> None:
        self._parts.append(f"</{name}>")

    def link(self, address: str | None, label: str) -> None:
        """What follows, up to `close_link`, leads there; in a file, nowhere."""
        if address and not self.standalone:
            self.open("a", href=address, aria_label=label)
        else:
            self.open("g")

    def close_link(self, address: str | None) -> None:
        self.close("a" if address and not self.standalone else "g")

    def put_under(self, ground: Drawing) -> None:
        """Draw what `ground` holds before everything else."""
        self._parts[:0] = ground._parts

    def svg(self, width: float, height: float, label: str) -> str:
        """The whole, with what a person hears who does not see it."""
        head = self._written(
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width:g} {height:g}",
                "width": width,
                "height": height,
                "font-family": "Inter, Chinese, 'Noto Sans SC', system-ui, sans-serif",
                "role": "group",
                "aria-label": label,
            }
        )
        return f"<svg{head}>{''.join(self._parts)}</svg>"

    def _written(self, attributes: dict[str, Attribute]) -> str:
        written = []
        for name, value in attributes.items():
            if value is None:
                continue
            shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
            if name in {"fill", "stroke"} and shown != "none":
                shown = self.paint(shown)
            written.append(f' {name.rstrip("_").replace("_", "-")}="{escape(shown)}"')
        return "".join(written)
