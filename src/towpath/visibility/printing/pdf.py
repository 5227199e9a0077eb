"""From an account to a PDF. Typst runs in this process; it reads no system fonts and fetches nothing."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

FONTS = (
    "Inter_400Regular.ttf",
    "Inter_600SemiBold.ttf",
    "NotoSansSC_400Regular.ttf",
    "NotoSansSC_600SemiBold.ttf",
)
Sheet = dict[str, object]
SCALES = (1.0, 0.92, 0.84, 0.76, 0.68)
"""Sizes of the text that are tried, largest first."""


class FontsMissing(Exception):
    """The fonts that set-up brings are not there."""


@cache
def _fonts() -> typst.Fonts:
    """They are read once. Raises FontsMissing, which says what to do."""
    folder = Path(str(files("towpath.foundation.ui").joinpath("static/vendor")))
    missing = [name for name in FONTS if not (folder / name).is_file()]
    if missing:
        raise FontsMissing(f"The fonts {', '.join(missing)} are missing in {folder.name}: run `make setup`.")
    return typst.Fonts(include_system_fonts=False, font_paths=[folder])


def pdf_of(sheet: Sheet, as_of: datetime) -> bytes:
    """One page; the same sheet gives the same bytes. `sheet` holds what `account.typ` shows, as plain text.

    Long names are set smaller until the page holds them. Raises FontsMissing.
    """
    for scale in SCALES:
        made = _set(sheet, as_of, scale)
        if pages_in(made) == 1:
            break
    return made


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF by Typst has: its page tree says so in plain text."""
    found = re.search(rb"/Type\s*/Pages\s*/Count (\d+)", pdf)
    return int(found[1]) if found else 0


def _set(sheet: Sheet, as_of: datetime, scale: float) -> bytes:
    made: bytes = typst.compile(
        files("towpath.visibility").joinpath("printing/account.typ").read_bytes(),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"account": json.dumps(sheet, ensure_ascii=False), "scale": str(scale)},
        timestamp=int(as_of.timestamp()),
    )
    return made
