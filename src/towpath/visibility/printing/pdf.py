"""From an account to a PDF. Typst runs in this process; it reads no system fonts and fetches nothing."""

from __future__ import annotations

import json
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

    Raises FontsMissing.
    """
    made: bytes = typst.compile(
        files("towpath.visibility").joinpath("printing/account.typ").read_bytes(),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"account": json.dumps(sheet, ensure_ascii=False)},
        timestamp=int(as_of.timestamp()),
    )
    return made
