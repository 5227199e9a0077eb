"""Templates: every text for people can be translated, and nothing stands inline that the policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tree import named, templates

TRANSLATED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
COMMENTED = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
CLASSES = re.compile(r"{%\s*block main_class\s*%}.*?{%\s*endblock.*?%}", re.DOTALL)
"""A block that holds a class of the stylesheet, not a text."""
DJANGO = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Towpath", "towpath", "API", "JSON", "YAML", "CSV", "XES", "PNG", "SVG", "kbd", "Ctrl", "Esc"}
"""Words that are the same in every language."""
READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription"}
NOT_FOR_PEOPLE = {"script", "style", "code", "kbd", "pre"}
DATA_BLOCKS = {"application/json", "text/yaml"}


class Page(HTMLParser):
    """Collects what is wrong with a template, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.inside: list[str] = []

    def note(self, what: str) -> None:
        self.wrong.append(f"line {self.getpos()[0]}: {what}")

    def words(self, text: str, where: str) -> None:
        for word in WORD.findall(text):
            if word not in NAMES:
                self.note(f"{word!r} in {where} is not translated")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in NOT_FOR_PEOPLE:
            self.inside.append(tag)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") not in DATA_BLOCKS
        ):
            self.note(f"inline <{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.note(f"inline {name}=")
            if (value or "").strip().lower().startswith("javascript:"):
                self.note(f"a script in {name}=")
            if name in READ_ALOUD:
                self.words(value or "", name)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.words(data, "the text")


def emptied(match: re.Match[str]) -> str:
    """As many lines as there were, so that the lines in messages are right."""
    return "\n" * match.group().count("\n")


def look(source: str) -> list[str]:
    for pattern in (COMMENTED, TRANSLATED, CLASSES, DJANGO):
        source = pattern.sub(emptied, source)
    page = Page()
    page.feed(source)
    page.close()
    return page.wrong


@pytest.mark.parametrize("path", [path for path in templates() if path.suffix == ".html"], ids=named)
def test_a_template_is_translatable_and_has_nothing_inline(path: Path) -> None:
    assert look(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("<p>Hello</p>", "line 1: 'Hello' in the text is not translated"),
        ('<p>\n<a title="Go">x</a></p>', "line 2: 'Go' in title is not translated"),
        ('<p style="color:red"></p>', "line 1: inline style="),
        ('<p onclick="x()"></p>', "line 1: inline onclick="),
        ("<script>x()</script>", "line 1: inline <script>"),
        ('<a href="javascript:x()"></a>', "line 1: a script in href="),
    ],
)
def test_the_gate_sees_what_it_should(source: str, wrong: str) -> None:
    assert look(source) == [wrong]


def test_the_gate_lets_translated_text_through() -> None:
    source = (
        '{% load i18n %}<p title="{% translate "Go" %}">{% blocktranslate %}Hello{% endblocktranslate %}</p>'
    )
    assert look(source) == []
