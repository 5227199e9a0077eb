"""The definitions of the demo company's journeys, as they come along."""

from __future__ import annotations

from pathlib import Path

from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.reading import read_journey
from towpath.site.demo.company.landscape import JOURNEYS

FOLDER = Path(__file__).parent / "journeys"


def text_of(key: str) -> str:
    """The YAML of one of them."""
    return (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")


def definitions() -> dict[str, Definition]:
    """All of them, by key."""
    read = (read_journey(text_of(key), f"{key}.yaml") for key in JOURNEYS)
    return {definition.key: definition for definition in read}


def declared_text() -> str:
    """The YAML of what the company says it provides."""
    return (FOLDER.parent / "catalogue.yaml").read_text(encoding="utf-8")
