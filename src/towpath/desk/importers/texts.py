"""Plain text out of what helpdesks write bodies in: HTML, and Jira's document format (ADF).

Markup goes, words stay; scripts, styles and handlers never come through.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3

LONGEST = 20_000
"""Characters of one body that are kept: topics are told by the beginning, and a row has its limit."""
DEEPEST = 60
_BREAKS = re.compile(r"(?i)<\s*(?:br\s*/?|/p|/div|/li|/tr|/h[1-6]|/blockquote|/pre)\s*>")
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,7});")
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r"\n\s*\n+")
_DROPPED = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math"}
_BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "tableRow", "codeBlock", "blockquote", "panel", "rule"}
)


def plain(value: object) -> str | None:
    """The words of a body, whatever it is written in; None where there are none."""
    if isinstance(value, dict):
        return _tidy("".join(_walk(value, 0)))
    if not isinstance(value, str):
        return None
    return from_html(value) if _LOOKS_LIKE_HTML.search(value) else _tidy(value)


def from_html(text: str) -> str | None:
    """The words of an HTML fragment, also of one that its helpdesk keeps escaped."""
    words = _stripped(text[: 20 * LONGEST])
    return _tidy(_stripped(words) if _LOOKS_LIKE_HTML.search(words) else words)


def _stripped(text: str) -> str:
    broken = _BREAKS.sub("\n", text)
    return html.unescape(nh3.clean(broken, tags=set(), clean_content_tags=_DROPPED))


def _tidy(text: str) -> str | None:
    words = _LINES.sub("\n", _SPACES.sub(" ", text.replace("\0", ""))).strip()
    return words[:LONGEST] or None


def _walk(node: object, depth: int) -> Iterator[str]:
    """The text of an ADF node and those in it."""
    if not isinstance(node, dict) or depth > DEEPEST:
        return
    kind, attributes = node.get("type"), node.get("attrs")
    attributes = attributes if isinstance(attributes, dict) else {}
    if isinstance(node.get("text"), str):
        yield node["text"]
    elif kind in ("mention", "emoji", "status", "date", "inlineCard", "blockCard"):
        yield str(attributes.get("text") or attributes.get("url") or "")
    elif kind == "hardBreak":
        yield "\n"
    children = node.get("content")
    for child in children if isinstance(children, list) else ():
        yield from _walk(child, depth + 1)
    if kind in _BLOCKS:
        yield "\n"
