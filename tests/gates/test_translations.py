"""The catalogue of texts for people is up to date: `make messages` leaves no diff."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from tree import SOURCE

CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
OPTIONS = {"locale": ["en"], "no_obsolete": True, "no_location": True, "no_wrap": True, "verbosity": 0}


def texts(catalogue: Path) -> list[str]:
    """The lines that mean something: not the times at which they were collected."""
    return [line for line in catalogue.read_text().splitlines() if not re.match(r'"PO(T-Creat|-Revis)', line)]


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
    assert texts(copy / CATALOGUE) == texts(SOURCE / CATALOGUE), "run: make messages"
