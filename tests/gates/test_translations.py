"""Catalogues of texts are up to date (`make messages` leaves no diff), and whole in each language."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.core.management import call_command
from tree import SOURCE

LANGUAGES = ["es", "sv", "zh_Hans"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sdi]|%[sd]|\{\w*\}|</?\w+")
OPTIONS = {
    "locale": ["en", *LANGUAGES],
    "no_obsolete": True,
    "no_location": True,
    "no_wrap": True,
    "verbosity": 0,
}


def catalogue(language: str) -> Path:
    return Path("locale") / language / "LC_MESSAGES" / "django.po"


def lines_that_mean_something(language: str, source: Path) -> list[str]:
    """Without the times at which they were collected."""
    lines = (source / catalogue(language)).read_text().splitlines()
    return [line for line in lines if not re.match(r'"PO(T-Creat|-Revis)', line)]


def texts(language: str) -> Iterator[Message]:
    with (SOURCE / catalogue(language)).open("rb") as file:
        found: Catalog = read_po(file, locale=language)
    return (message for message in found if message.id)


def both_forms(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def test_collecting_the_texts_anew_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("xgettext") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("GNU gettext is missing: apt-get install gettext")
        pytest.skip("GNU gettext is missing (apt-get install gettext); CI has it")
    left_out = shutil.ignore_patterns("vendor", "__pycache__", "*.js", "*.css", "*.woff2")
    copy = shutil.copytree(SOURCE, tmp_path / "towpath", ignore=left_out)
    monkeypatch.chdir(copy)
    monkeypatch.setattr("django.conf.settings.LOCALE_PATHS", [copy / "locale"])
    call_command("makemessages", **OPTIONS)
    for language in OPTIONS["locale"]:
        anew, kept = (lines_that_mean_something(language, place) for place in (copy, SOURCE))
        assert anew == kept, "run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(language: str) -> None:
    missing = [
        message.id for message in texts(language) if message.fuzzy or not all(both_forms(message.string))
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in_and_marked_up(language: str) -> None:
    wrong = []
    for message in texts(language):
        wanted = [set(PLACEHOLDER.findall(form)) for form in both_forms(message.id)]
        for form in both_forms(message.string):
            # A singular may leave its number out ("one customer"); what the plural fills in may be in both.
            if not min(wanted, key=len) <= set(PLACEHOLDER.findall(form)) <= set().union(*wanted):
                wrong.append((message.id, form))
    assert wrong == []
